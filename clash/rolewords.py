"""Words by which names tell what the class of an element does not; geometry decides with them."""

import re
from collections.abc import Mapping

SLEEVE = re.compile(
    r"套管|预留|洞口|留洞|孔洞|留孔|sleeve|provision|penetration|durchbruch|aussparung|hülse|fourreau"
    r"|réservation|builders?.?work|cut-?out|\b(opening|void|hole)s?\b|\bpfv\b|\bbwic\b|kernbohrung"
    r"|\bvaraus|reikävaraus|ursparing|utsparing|håltagning|\bsparing|carottage|pasamuro",
    re.IGNORECASE,
)
HANGER = re.compile(
    r"支架|吊架|支吊|吊杆|管卡|抱箍|抗震支|hanger|trapeze|pipe.?(support|clamp|shoe|clip)|\bclevis"
    r"|halterung|rohrschelle|rohrhalter|abhäng|kannake|upphängning",
    re.IGNORECASE,
)
CAST_IN = re.compile(
    r"预埋|埋件|埋铁|吊钩|\bembed(ded|s|ment)?\b|cast.?in|einbauteil|einlegeteil|ankerplatte"
    r"|lifting (anchor|loop|insert)",
    re.IGNORECASE,
)
PAD = re.compile(
    r"支座|橡胶垫|垫块|bearing pad|elastomer|neoprene|\blager\b|shim|auflager", re.IGNORECASE
)
HEADWALL = re.compile(
    r"端墙|洞口墙|八字墙|一字墙|head.?wall|end.?wall|wing.?wall|stirnwand|flügelwand|tête d",
    re.IGNORECASE,
)
CHAMBER = re.compile(
    r"检查井|雨水井|污水井|窨井|阀门井|集水井|人孔|手孔|雨水口|\b(sw|fw|ss)?\s?mh\b|man.?hole|chamber|gully"
    r"|catch.?(basin|pit)|\binlet\b|schacht|regard\b|\bpozo\b|draw.?pit",
    re.IGNORECASE,
)
#: Class and words of the roles that a name gives.
NAMED: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "bearing": ("IfcDiscreteAccessory", PAD),
    "cast_in": ("IfcBuildingElementProxy", CAST_IN),
    "chamber": ("IfcBuildingElementProxy", CHAMBER),
    "hanger": ("IfcBuildingElementProxy", HANGER),
    "headwall": ("IfcWall", HEADWALL),
}
