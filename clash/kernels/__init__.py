"""Compiled geometry on plain arrays."""


def warm() -> None:
    """Compile every kernel, or load it from the cache directory, by a few small pairs."""
    # importing the package must stay cheap
    import numpy as np

    from bimcore.mesh import MeshSet
    from clash.kernels.boxes import sweep
    from clash.kernels.digests import distinct, shape_digests
    from clash.kernels.stages import bodies_of, measure_pairs

    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], dtype=np.int32)
    meshes = MeshSet.of([(corners, faces), (corners, faces), (corners + 3, faces[:3])])
    bodies = bodies_of(meshes, wanted=np.ones(3, dtype=bool))
    pairs = np.array([[0, 1], [0, 2], [1, 2]], dtype=np.int32)
    measure_pairs(
        pairs,
        bodies,
        shift=np.array([[0.0, 0, 0], [3, 3, 3], [3, 3, 3]]),
        reach=np.full(3, 9.0),
        same=np.ones(3),
        deep=np.full(3, np.inf),
    )
    boxes = np.array(meshes.bounds())
    boxes.flags.writeable = False
    sweep(boxes, 0, 0, len(boxes))
    distinct(shape_digests(meshes, boxes[:, 0]))
