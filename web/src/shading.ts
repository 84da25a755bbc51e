/** Materials that look up per element, in one small texture, how it is to be drawn. */
import {
  Color,
  DataTexture,
  DoubleSide,
  GLSL3,
  GreaterDepth,
  LessEqualDepth,
  NearestFilter,
  RedFormat,
  ShaderMaterial,
  UnsignedByteType,
  Vector3,
} from "three";

/** How an element is drawn; the number is its value in the state texture. */
export const State = {
  plain: 0,
  ghost: 1,
  a: 2,
  b: 3,
  hidden: 4,
  picked: 5,
  building: 6,
  temporary: 7,
  removing: 8,
  undated: 9,
  // A side of an issue that is not there at the date shown.
  absentA: 10,
  absentB: 11,
} as const;
export type State = (typeof State)[keyof typeof State];

const WIDTH = 1024;

export const COLOURS = {
  a: "#e8481c",
  b: "#1f6fe5",
  picked: "#f2b705",
  building: "#2e9e4f",
  temporary: "#f08a00",
  removing: "#c82822",
  undated: "#d2d6da",
} as const;

/** One byte per element, read by the vertex shaders. */
export class States {
  readonly data: Uint8Array;
  readonly texture: DataTexture;

  constructor(elements: number) {
    const height = Math.max(1, Math.ceil(elements / WIDTH));
    this.data = new Uint8Array(WIDTH * height);
    this.texture = new DataTexture(this.data, WIDTH, height, RedFormat, UnsignedByteType);
    this.texture.minFilter = NearestFilter;
    this.texture.magFilter = NearestFilter;
    this.texture.unpackAlignment = 1;
    this.texture.needsUpdate = true;
  }

  changed(): void {
    this.texture.needsUpdate = true;
  }
}

/** Uniforms that all materials of one view share. */
export function sharedUniforms(states: States) {
  return {
    states: { value: states.texture },
    clipLow: { value: new Vector3(-1e9, -1e9, -1e9) },
    clipHigh: { value: new Vector3(1e9, 1e9, 1e9) },
    focus: { value: new Vector3() },
    focusRadius: { value: 1e9 },
    only: { value: -1 },
    colourA: { value: new Color(COLOURS.a) },
    colourB: { value: new Color(COLOURS.b) },
    colourPicked: { value: new Color(COLOURS.picked) },
    colourBuilding: { value: new Color(COLOURS.building) },
    colourTemporary: { value: new Color(COLOURS.temporary) },
    colourRemoving: { value: new Color(COLOURS.removing) },
    colourUndated: { value: new Color(COLOURS.undated) },
  };
}
export type SharedUniforms = ReturnType<typeof sharedUniforms>;

// A triangle of another pass is folded into a point outside the picture: all its corners
// belong to one element, so no half triangle can remain.
const VERTEX = /* glsl */ `
  in float _element;
  #ifdef TINTED
  in vec4 color;
  #endif
  uniform highp sampler2D states;
  flat out int vState;
  flat out int vElement;
  out vec3 vWorld;
  out vec3 vView;
  out vec4 vColor;

  uniform int only;

  bool drawn(int state, float alpha) {
    if (state == ${State.hidden} || (only >= 0 && state != only)) return false;
    bool faint = state == ${State.ghost} || state >= ${State.absentA};
    bool glass = alpha <= 0.9 && (state < ${State.a} || state == ${State.undated});
    #if PASS == 0
    return !faint && !glass;
    #elif PASS == 1
    return faint || glass;
    #elif PASS == 2
    return !faint;
    #elif PASS == 4
    return state == ${State.a} || state == ${State.b};
    #else
    return true;
    #endif
  }

  void main() {
    vElement = int(_element + 0.5);
    ivec2 cell = ivec2(vElement % ${WIDTH}, vElement / ${WIDTH});
    vState = int(texelFetch(states, cell, 0).r * 255.0 + 0.5);
    #ifdef TINTED
    vColor = color;
    #else
    vColor = vec4(0.52, 0.55, 0.58, 1.0);
    #endif
    vec4 world = modelMatrix * vec4(position, 1.0);
    vec4 view = viewMatrix * world;
    vWorld = world.xyz;
    vView = view.xyz;
    #ifdef LINES
    view.xyz *= 0.9994; // towards the eye, else the face hides its own edge
    #endif
    gl_Position = drawn(vState, vColor.a) ? projectionMatrix * view : vec4(2.0, 2.0, 2.0, 1.0);
  }
`;

const CLIP = /* glsl */ `
  if (any(lessThan(vWorld, clipLow)) || any(greaterThan(vWorld, clipHigh))) discard;
`;

const HEAD = /* glsl */ `
  uniform vec3 clipLow;
  uniform vec3 clipHigh;
  uniform vec3 focus;
  uniform float focusRadius;
  uniform vec3 colourA;
  uniform vec3 colourB;
  uniform vec3 colourPicked;
  uniform vec3 colourBuilding;
  uniform vec3 colourTemporary;
  uniform vec3 colourRemoving;
  uniform vec3 colourUndated;
  flat in int vState;
  flat in int vElement;
  in vec3 vWorld;
  in vec3 vView;
  in vec4 vColor;
  layout(location = 0) out highp vec4 shade;

  // Linear light to sRGB, near enough for shading.
  vec3 toScreen(vec3 c) { return pow(clamp(c, 0.0, 1.0), vec3(1.0 / 2.2)); }

  // What is far from the conflict, or stands before it, fades: else a large model is fog.
  float nearness() {
    float around = 1.0 - smoothstep(focusRadius, focusRadius * 3.0, distance(vWorld, focus));
    float before = -(viewMatrix * vec4(focus, 1.0)).z + vView.z;
    return around * mix(1.0, 0.25, smoothstep(0.0, focusRadius, before));
  }
`;

const SURFACE = /* glsl */ `
  ${HEAD}
  void main() {
    ${CLIP}
    vec3 normal = normalize(cross(dFdx(vView), dFdy(vView)));
    vec3 eye = normalize(-vView);
    if (dot(normal, eye) < 0.0) normal = -normal;
    float facing = abs(dot(normal, eye));
    #if PASS == 1
    if (vState == ${State.ghost}) {
      float rim = pow(1.0 - facing, 2.0);
      float alpha = (0.05 + 0.18 * rim) * (0.04 + 0.96 * nearness());
      shade = vec4(vec3(0.36, 0.43, 0.50), alpha);
      return;
    }
    if (vState >= ${State.absentA}) {
      vec3 tint = vState == ${State.absentA} ? colourA : colourB;
      shade = vec4(toScreen(tint), 0.14 + 0.2 * pow(1.0 - facing, 2.0));
      return;
    }
    #endif
    vec3 base = vColor.rgb;
    if (vState == ${State.a}) base = colourA;
    else if (vState == ${State.b}) base = colourB;
    else if (vState == ${State.picked}) base = mix(vColor.rgb, colourPicked, 0.75);
    else if (vState == ${State.building}) base = colourBuilding;
    else if (vState == ${State.removing}) base = colourRemoving;
    // Hatched on the screen, so that they are told by more than their colour.
    else if (vState == ${State.temporary}) {
      float stripe = step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / 14.0));
      base = mix(colourTemporary, vec3(1.0, 0.72, 0.30), stripe);
    } else if (vState == ${State.undated}) {
      float stripe = step(0.72, fract((gl_FragCoord.x - gl_FragCoord.y) / 10.0));
      base = mix(colourUndated, vec3(0.42, 0.45, 0.48), stripe);
    }
    vec3 up = normalize((viewMatrix * vec4(0.0, 0.0, 1.0, 0.0)).xyz);
    vec3 sun = normalize((viewMatrix * vec4(-0.45, -0.62, 0.64, 0.0)).xyz);
    float sky = 0.5 + 0.5 * dot(normal, up);
    vec3 light = mix(vec3(0.40, 0.39, 0.38), vec3(0.66, 0.69, 0.72), sky);
    light += vec3(0.34, 0.33, 0.31) * max(dot(normal, sun), 0.0) + 0.12 * facing;
    vec3 lit = toScreen(base * light);
    #if PASS == 4
    shade = vec4(lit, 0.5);
    #elif PASS == 1
    shade = vec4(lit, max(vColor.a, 0.18));
    #else
    shade = vec4(lit, 1.0);
    #endif
  }
`;

const LINE = /* glsl */ `
  ${HEAD}
  void main() {
    ${CLIP}
    if (vState == ${State.ghost}) shade = vec4(vec3(0.24, 0.31, 0.38), 0.02 + 0.2 * nearness());
    else if (vState == ${State.a}) shade = vec4(0.36, 0.09, 0.02, 0.9);
    else if (vState == ${State.b}) shade = vec4(0.03, 0.13, 0.36, 0.9);
    else if (vState == ${State.absentA}) shade = vec4(toScreen(colourA), 0.75);
    else if (vState == ${State.absentB}) shade = vec4(toScreen(colourB), 0.75);
    else shade = vec4(0.10, 0.13, 0.16, 0.34);
  }
`;

// The element number, one above, in three bytes: nothing drawn is zero.
const IDENTITY = /* glsl */ `
  ${HEAD}
  void main() {
    ${CLIP}
    int n = vElement + 1;
    shade = vec4(float(n & 255), float((n >> 8) & 255), float((n >> 16) & 255), 255.0) / 255.0;
  }
`;

// A ring of constant size on the screen.
const RING = {
  vertex: /* glsl */ `
    uniform float size;
    void main() {
      gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
      gl_PointSize = size;
    }
  `,
  fragment: /* glsl */ `
    layout(location = 0) out highp vec4 shade;
    void main() {
      float r = length(gl_PointCoord - 0.5) * 2.0;
      float ring = smoothstep(0.72, 0.76, r) * (1.0 - smoothstep(0.94, 1.0, r));
      float core = smoothstep(0.78, 0.82, r) * (1.0 - smoothstep(0.88, 0.92, r));
      shade = vec4(mix(vec3(1.0), vec3(0.05, 0.09, 0.13), core), ring);
    }
  `,
};

/** Marks the point of an issue, through everything that stands before it. */
export function ringMaterial(pixelRatio: number): ShaderMaterial {
  return new ShaderMaterial({
    glslVersion: GLSL3,
    uniforms: { size: { value: 38 * pixelRatio } },
    vertexShader: RING.vertex,
    fragmentShader: RING.fragment,
    transparent: true,
    depthTest: false,
    depthWrite: false,
  });
}

interface Look {
  fragment: string;
  pass: 0 | 1 | 2 | 3 | 4;
  /** Drawn where something stands before it. */
  behind?: boolean;
  lines?: boolean;
  blended?: boolean;
}

function material(uniforms: SharedUniforms, tinted: boolean, look: Look): ShaderMaterial {
  return new ShaderMaterial({
    glslVersion: GLSL3,
    uniforms,
    vertexShader: VERTEX,
    fragmentShader: look.fragment,
    defines: {
      PASS: look.pass,
      ...(tinted ? { TINTED: "" } : {}),
      ...(look.lines ? { LINES: "" } : {}),
    },
    side: DoubleSide,
    transparent: look.blended ?? false,
    depthWrite: !look.blended,
    depthFunc: look.behind ? GreaterDepth : LessEqualDepth,
    polygonOffset: !look.lines,
    polygonOffsetFactor: 1,
    polygonOffsetUnits: 1,
  });
}

/** The materials of one view; `tinted` ones read COLOR_0. */
export function materials(uniforms: SharedUniforms, tinted: boolean) {
  return {
    solid: material(uniforms, tinted, { fragment: SURFACE, pass: 0 }),
    ghost: material(uniforms, tinted, { fragment: SURFACE, pass: 1, blended: true }),
    // The two bodies show through each other and through what hides them.
    xray: material(uniforms, tinted, { fragment: SURFACE, pass: 4, blended: true, behind: true }),
    lines: material(uniforms, false, { fragment: LINE, pass: 3, lines: true, blended: true }),
    pickSolid: material(uniforms, tinted, { fragment: IDENTITY, pass: 2 }),
    pickAny: material(uniforms, tinted, { fragment: IDENTITY, pass: 3 }),
  };
}
export type Materials = ReturnType<typeof materials>;
