"""The discipline of an element, from its class, its system and the model around it.

The first of these that says something decides:

1. the trade of its system: PredefinedType, else the words of its name (``消防``, ``supply air``);
   only for classes of building services and proxies;
2. its class, or the nearest supertype that is known (``IfcDuctSegment`` is hvac,
   ``IfcColumn`` structure, ``IfcDoor`` architecture);
3. the class of its type object, for the generic flow classes of IFC2X3
   (``IfcFlowSegment`` typed by ``IfcDuctSegmentType`` is hvac);
4. words of its type, object type and name, for generic flow elements and proxies;
5. a load-bearing wall, slab, member or plate (``Pset_*Common.LoadBearing``) is structure;
6. the model: generic classes (walls, slabs, proxies ...) follow the discipline of the model
   when nearly all of its telling elements agree, generic flow elements that of most of
   its building services;
7. insulation of a line has the trade of the line that it covers, else that of its system or
   of its words (``pipe insulation``), else that of a model of building services;
8. otherwise ``architecture`` for building elements, ``other`` for the rest.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CLASSES: Mapping[str, tuple[str, ...]] = {
    "structure": (
        "IfcColumn",
        "IfcBeam",
        "IfcFooting",
        "IfcDeepFoundation",
        "IfcPile",
        "IfcReinforcingElement",
        "IfcBearing",
        "IfcTendonConduit",
    ),
    "architecture": (
        "IfcDoor",
        "IfcWindow",
        "IfcCurtainWall",
        "IfcCovering",
        "IfcFurnishingElement",
        "IfcRailing",
        "IfcShadingDevice",
        "IfcTransportElement",
        "IfcTransportationDevice",
        "IfcSpatialElement",
        "IfcSpatialStructureElement",
        "IfcChimney",
    ),
    "hvac": (
        "IfcDuctSegment",
        "IfcDuctFitting",
        "IfcDuctSilencer",
        "IfcAirTerminal",
        "IfcAirTerminalBox",
        "IfcAirToAirHeatRecovery",
        "IfcFan",
        "IfcCoil",
        "IfcCooledBeam",
        "IfcCoolingTower",
        "IfcChiller",
        "IfcBoiler",
        "IfcBurner",
        "IfcCompressor",
        "IfcCondenser",
        "IfcDamper",
        "IfcEvaporativeCooler",
        "IfcEvaporator",
        "IfcHeatExchanger",
        "IfcHumidifier",
        "IfcMedicalDevice",
        "IfcSpaceHeater",
        "IfcTubeBundle",
        "IfcUnitaryEquipment",
        "IfcUnitaryControlElement",
        "IfcVibrationIsolator",
        "IfcVibrationDamper",
    ),
    "plumbing": (
        "IfcPipeSegment",
        "IfcPipeFitting",
        "IfcSanitaryTerminal",
        "IfcWasteTerminal",
        "IfcStackTerminal",
        "IfcInterceptor",
        "IfcLiquidTerminal",
        "IfcPump",
        "IfcTank",
        "IfcValve",
        "IfcFlowMeter",
        "IfcFilter",
        "IfcDistributionChamberElement",
        "IfcGasTerminal",
    ),
    "fire": ("IfcFireSuppressionTerminal",),
    "electrical": (
        "IfcCableCarrierSegment",
        "IfcCableCarrierFitting",
        "IfcCableSegment",
        "IfcCableFitting",
        "IfcElectricAppliance",
        "IfcElectricDistributionBoard",
        "IfcElectricDistributionPoint",
        "IfcElectricFlowStorageDevice",
        "IfcElectricFlowTreatmentDevice",
        "IfcElectricGenerator",
        "IfcElectricMotor",
        "IfcElectricTimeControl",
        "IfcElectricHeater",
        "IfcElectricalElement",
        "IfcEngine",
        "IfcJunctionBox",
        "IfcLamp",
        "IfcLightFixture",
        "IfcMotorConnection",
        "IfcOutlet",
        "IfcProtectiveDevice",
        "IfcProtectiveDeviceTrippingUnit",
        "IfcSwitchingDevice",
        "IfcTransformer",
        "IfcSolarDevice",
        "IfcAudioVisualAppliance",
        "IfcCommunicationsAppliance",
        "IfcMobileTelecommunicationsAppliance",
        "IfcActuator",
        "IfcAlarm",
        "IfcController",
        "IfcFlowInstrument",
        "IfcSensor",
    ),
    "site": (
        "IfcSite",
        "IfcGeographicElement",
        "IfcGeotechnicalElement",
        "IfcEarthworksElement",
        "IfcEarthworksCut",
        "IfcCivilElement",
        "IfcPavement",
        "IfcKerb",
        "IfcCourse",
        "IfcSign",
        "IfcSignal",
        "IfcRail",
        "IfcTrackElement",
        "IfcMooringDevice",
        "IfcNavigationElement",
        "IfcImpactProtectionDevice",
    ),
}
BY_CLASS: Mapping[str, str] = {c: d for d, group in _CLASSES.items() for c in group}

#: Building-services classes whose system says more than the class (pipes of sprinklers).
_SERVICES = frozenset({"IfcDistributionElement", "IfcElectricalElement"})
_SERVICE_DISCIPLINES = frozenset({"hvac", "plumbing", "fire", "electrical"})
#: Coverings that lie round lines, on walls or roofs: their line or their words tell which.
_ROUND = frozenset({"INSULATION", "SLEEVING", "WRAPPING"})
_LINE_WORDS = re.compile(
    r"管|DN\s?\d|\bpipes?\b|\bducts?\b|rohr|kanal\b|leitung|tuyau|\bgaine", re.IGNORECASE
)
_GENERIC_BUILT = frozenset({"IfcBuildingElement", "IfcBuiltElement", "IfcElementAssembly"})
_BEARING = frozenset({"IfcWall", "IfcSlab", "IfcMember", "IfcPlate", "IfcStair", "IfcStairFlight"})

_SYSTEM_TYPES: Mapping[str, tuple[str, ...]] = {
    "hvac": (
        "AIRCONDITIONING",
        "VENTILATION",
        "EXHAUST",
        "HEATING",
        "CHILLEDWATER",
        "CONDENSERWATER",
        "REFRIGERATION",
    ),
    "fire": ("FIREPROTECTION",),
    "plumbing": (
        "DOMESTICCOLDWATER",
        "DOMESTICHOTWATER",
        "DRAINAGE",
        "WASTEWATER",
        "SEWAGE",
        "RAINWATER",
        "STORMWATER",
        "WATERSUPPLY",
        "GAS",
        "FUEL",
        "OIL",
        "COMPRESSEDAIR",
        "VACUUM",
        "CHEMICAL",
        "DISPOSAL",
        "MUNICIPALSOLIDWASTE",
    ),
    "electrical": (
        "ELECTRICAL",
        "LIGHTING",
        "POWERGENERATION",
        "DATA",
        "COMMUNICATION",
        "TV",
        "TELEPHONE",
        "AUDIOVISUAL",
        "ELECTROACOUSTIC",
        "SIGNAL",
        "SECURITY",
        "EARTHING",
        "LIGHTNINGPROTECTION",
        "CONTROL",
        "OPERATIONAL",
        "MOBILENETWORK",
        "MONITORINGSYSTEM",
    ),
}
_BY_SYSTEM_TYPE = {t: d for d, group in _SYSTEM_TYPES.items() for t in group}

#: Order matters: fire water before water, smoke exhaust before electrical smoke sensors.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "fire",
        re.compile(
            r"消防|喷淋|喷洒|(?<!淋浴)(?<!花洒)喷头|消火栓|灭火|sprinkler|\bfire|hydrant|feuerl",
            re.IGNORECASE,
        ),
    ),
    (
        "hvac",
        re.compile(
            r"风管|送风|排风|新风|回风|补风|排烟|空调|采暖|供暖|暖通|冷冻|冷却|冷凝|通风|散热"
            r"|盘管|风机|风口|风阀|静压箱|消声|散流器"
            r"|fan[ _-]?coil|\b(fcu|ahu|vav|fans?|boiler|chiller)\b"
            r"|hvac|\bducts?\b|\bair\b|ventilat|exhaust|diffuser|heating|radiator|chilled|cooling"
            r"|hydronic|l(ü|ue)ftung|heizung|heizk",
            re.IGNORECASE,
        ),
    ),
    (
        "electrical",
        re.compile(
            r"强电|弱电|桥架|线管|\b(JDG|KBG)\d*|母线|电缆|电线|照明|灯|配电|插座|动力|防雷|线槽|电气|开关|探测器|烟感|温感|摄像"
            r"|detector|\bcamera|rauchmelder|steckdose"
            r"|electric|lighting|\blights?\b|luminaire|\bcables?\b|conduit|\bpower\b|socket|outlet"
            r"|switch|panelboard|\bdata\b|elektro|leuchte|\blamp",
            re.IGNORECASE,
        ),
    ),
    (
        "plumbing",
        re.compile(
            r"给水|排水|污水|废水|雨水|热水|中水|水管|管道|燃气|卫生|洁具|立管"
            r"|便器|洗手盆|洗脸盆|地漏|水泵|水箱|水表|阀"
            r"|\bpumps?\b|\bvalves?\b"
            r"|\bpipes?\b|plumbing|sanitary|domestic|\bwater\b|\bwaste|drain|sewer|sewage|\bgas\b"
            r"|storm|toilet|\bsink|basin|lavatory|sanit(ä|ae)r|wasser|rohr",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What is known of one element."""

    lineage: tuple[str, ...]
    type_lineage: tuple[str, ...] = ()
    system_type: str = ""
    system_name: str = ""
    words: str = ""
    bearing: bool = False
    body: bool = True
    predefined: str = ""
    covers: int = -1  #: the clue of what a covering covers


def by_words(text: str) -> str:
    """The trade that the words of `text` name; empty when none does."""
    return next((d for d, pattern in _WORDS if text and pattern.search(text)), "")


def by_lineage(lineage: Sequence[str]) -> str:
    """The discipline of the nearest known class; empty when none is known."""
    return next((BY_CLASS[c] for c in lineage if c in BY_CLASS), "")


def by_type_lineage(lineage: Sequence[str]) -> str:
    """The discipline of a type object: that of the class it types."""
    return by_lineage([c.removesuffix("Type").removesuffix("Style") for c in lineage])


def is_service(clue: Clue) -> bool:
    """Whether the element belongs to the building services by its class."""
    return not _SERVICES.isdisjoint(clue.lineage)


def _is_proxy(clue: Clue) -> bool:
    return clue.lineage[0] in {"IfcBuildingElementProxy", "IfcDiscreteAccessory"}


def own_discipline(clue: Clue) -> str:
    """The discipline told by the element itself; empty when it tells none."""
    service, proxy = is_service(clue), _is_proxy(clue)
    by_class = by_lineage(clue.lineage) or by_type_lineage(clue.type_lineage)
    round_ = _may_go_round(clue)
    if service or proxy or round_:
        system = _BY_SYSTEM_TYPE.get(clue.system_type, "") or by_words(clue.system_name)
        # a pump is plumbing by class and hvac by its chilled-water system; a door never is.
        if system and not (by_class == "electrical" and system != "fire"):
            return system
    if round_:
        return by_words(clue.words) if _LINE_WORDS.search(clue.words) else ""
    if by_class:
        return by_class
    if service or proxy:
        return by_words(clue.words)
    if clue.bearing and not _BEARING.isdisjoint(clue.lineage):
        return "structure"
    return ""


def disciplines(clues: Sequence[Clue]) -> list[str]:
    """The discipline of each element, in the order of `clues`."""
    own = [own_discipline(c) for c in clues]
    model = _model_discipline(clues, own)
    services = Counter(d for d in own if d in _SERVICE_DISCIPLINES)
    trade = services.most_common(1)[0][0] if services else "other"
    plant = sum(services.values()) >= 0.9 * max(sum(1 for d in own if d), 1)
    found = [d or _fallback(c, model, trade) for c, d in zip(clues, own, strict=True)]
    for i, clue in enumerate(clues):
        if _may_go_round(clue):
            found[i] = _of_covering(clue, own[i], found, clues, trade if plant else "")
    return found


def _may_go_round(clue: Clue) -> bool:
    """Whether the element is insulation, of a line or of a wall."""
    return clue.predefined in _ROUND and "IfcCovering" in clue.lineage


def _of_covering(
    clue: Clue, own: str, found: Sequence[str], clues: Sequence[Clue], plant: str
) -> str:
    """The discipline of insulation; `plant` is the main trade of a model of services alone."""
    if clue.covers >= 0:
        return found[clue.covers] if is_service(clues[clue.covers]) else "architecture"
    if own:
        return own
    return plant or "architecture"


def _model_discipline(clues: Sequence[Clue], own: Sequence[str]) -> str:
    """The one discipline of a model whose telling bodies nearly all agree; else empty."""
    telling = Counter(d for c, d in zip(clues, own, strict=True) if d and c.body)
    if not telling:
        return ""
    leader, count = telling.most_common(1)[0]
    total = sum(telling.values())
    bodies = sum(1 for c in clues if c.body)
    return leader if count >= 0.9 * total and count >= 0.2 * bodies else ""


def _fallback(clue: Clue, model: str, trade: str) -> str:
    if is_service(clue):
        return trade
    if _is_proxy(clue):
        return model or "other"
    if not _GENERIC_BUILT.isdisjoint(clue.lineage):
        return model if model in {"structure", "site"} else "architecture"
    return model or "other"
