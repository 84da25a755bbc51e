"""Words of the issue list in Chinese and English: classes, disciplines, small grammar."""

import re
from collections.abc import Mapping

LANGUAGES = ("zh-CN", "en")


def both(zh: str, en: str) -> dict[str, str]:
    """One text in both languages."""
    return {"zh-CN": zh, "en": en}


DISCIPLINE_LABELS: Mapping[str, Mapping[str, str]] = {
    "architecture": both("建筑", "architecture"),
    "structure": both("结构", "structure"),
    "hvac": both("暖通", "HVAC"),
    "plumbing": both("给排水", "plumbing"),
    "fire": both("消防", "fire protection"),
    "electrical": both("电气", "electrical"),
    "site": both("总图", "site works"),
    "utility": both("地下管线", "buried utilities"),
    "other": both("其他", "other"),
}

#: What site people call the classes of IFC2X3, IFC4 and IFC4X3.
CLASS_LABELS: Mapping[str, tuple[str, str]] = {
    "IfcActuator": ("执行器", "actuator"),
    "IfcAirTerminal": ("风口", "air terminal"),
    "IfcAirTerminalBox": ("变风量箱", "air terminal box"),
    "IfcAirToAirHeatRecovery": ("热回收装置", "heat recovery unit"),
    "IfcAlarm": ("报警器", "alarm"),
    "IfcAudioVisualAppliance": ("视听设备", "audio-visual appliance"),
    "IfcBeam": ("梁", "beam"),
    "IfcBearing": ("支座", "bearing"),
    "IfcBoiler": ("锅炉", "boiler"),
    "IfcBorehole": ("钻孔", "borehole"),
    "IfcBuildingElement": ("构件", "building element"),
    "IfcBuildingElementPart": ("构件部分", "element part"),
    "IfcBuildingElementProxy": ("通用构件", "generic element"),
    "IfcBuiltElement": ("构件", "built element"),
    "IfcBurner": ("燃烧器", "burner"),
    "IfcCableCarrierFitting": ("桥架配件", "cable tray fitting"),
    "IfcCableCarrierSegment": ("电缆桥架", "cable tray"),
    "IfcCableFitting": ("电缆接头", "cable fitting"),
    "IfcCableSegment": ("电缆", "cable"),
    "IfcCaissonFoundation": ("沉井基础", "caisson foundation"),
    "IfcChiller": ("冷水机组", "chiller"),
    "IfcChimney": ("烟囱", "chimney"),
    "IfcCivilElement": ("土木构件", "civil element"),
    "IfcCoil": ("盘管", "coil"),
    "IfcColumn": ("柱", "column"),
    "IfcCommunicationsAppliance": ("通信设备", "communications appliance"),
    "IfcCompressor": ("压缩机", "compressor"),
    "IfcCondenser": ("冷凝器", "condenser"),
    "IfcController": ("控制器", "controller"),
    "IfcConveyorSegment": ("输送段", "conveyor"),
    "IfcCooledBeam": ("冷梁", "chilled beam"),
    "IfcCoolingTower": ("冷却塔", "cooling tower"),
    "IfcCourse": ("铺层", "course"),
    "IfcCovering": ("饰面", "covering"),
    "IfcCurtainWall": ("幕墙", "curtain wall"),
    "IfcDamper": ("风阀", "damper"),
    "IfcDeepFoundation": ("深基础", "deep foundation"),
    "IfcDiscreteAccessory": ("配件", "accessory"),
    "IfcDistributionBoard": ("配电箱", "distribution board"),
    "IfcDistributionChamberElement": ("检查井", "chamber"),
    "IfcDistributionControlElement": ("控制元件", "control element"),
    "IfcDistributionElement": ("机电构件", "services element"),
    "IfcDistributionFlowElement": ("机电构件", "services element"),
    "IfcDoor": ("门", "door"),
    "IfcDuctFitting": ("风管管件", "duct fitting"),
    "IfcDuctSegment": ("风管", "duct"),
    "IfcDuctSilencer": ("消声器", "silencer"),
    "IfcEarthworksCut": ("挖方", "earthworks cut"),
    "IfcEarthworksElement": ("土方", "earthworks"),
    "IfcEarthworksFill": ("填方", "earthworks fill"),
    "IfcElectricAppliance": ("电器", "electric appliance"),
    "IfcElectricDistributionBoard": ("配电箱", "distribution board"),
    "IfcElectricDistributionPoint": ("配电点", "distribution point"),
    "IfcElectricFlowStorageDevice": ("储电装置", "electric storage"),
    "IfcElectricFlowTreatmentDevice": ("电能处理装置", "power treatment device"),
    "IfcElectricGenerator": ("发电机", "generator"),
    "IfcElectricMotor": ("电机", "motor"),
    "IfcElectricTimeControl": ("定时控制器", "time control"),
    "IfcElectricalElement": ("电气构件", "electrical element"),
    "IfcElementAssembly": ("组合件", "assembly"),
    "IfcElementComponent": ("零件", "component"),
    "IfcEnergyConversionDevice": ("能量转换设备", "energy conversion device"),
    "IfcEngine": ("发动机", "engine"),
    "IfcEquipmentElement": ("设备", "equipment"),
    "IfcEvaporativeCooler": ("蒸发冷却器", "evaporative cooler"),
    "IfcEvaporator": ("蒸发器", "evaporator"),
    "IfcFan": ("风机", "fan"),
    "IfcFastener": ("连接件", "fastener"),
    "IfcFilter": ("过滤器", "filter"),
    "IfcFireSuppressionTerminal": ("消防末端", "fire suppression terminal"),
    "IfcFlowController": ("控制阀件", "flow controller"),
    "IfcFlowFitting": ("管件", "fitting"),
    "IfcFlowInstrument": ("仪表", "instrument"),
    "IfcFlowMeter": ("流量计", "flow meter"),
    "IfcFlowMovingDevice": ("泵或风机", "flow moving device"),
    "IfcFlowSegment": ("管线", "pipe, duct or cable run"),
    "IfcFlowStorageDevice": ("储存设备", "flow storage device"),
    "IfcFlowTerminal": ("末端设备", "terminal"),
    "IfcFlowTreatmentDevice": ("处理设备", "flow treatment device"),
    "IfcFooting": ("基础", "footing"),
    "IfcFurnishingElement": ("家具", "furniture"),
    "IfcFurniture": ("家具", "furniture"),
    "IfcGeographicElement": ("地形地物", "geographic element"),
    "IfcGeomodel": ("地质模型", "geological model"),
    "IfcGeoslice": ("地质剖面", "geological section"),
    "IfcGeotechnicalElement": ("岩土构件", "geotechnical element"),
    "IfcGeotechnicalStratum": ("地层", "stratum"),
    "IfcHeatExchanger": ("换热器", "heat exchanger"),
    "IfcHumidifier": ("加湿器", "humidifier"),
    "IfcImpactProtectionDevice": ("防撞装置", "impact protection"),
    "IfcInterceptor": ("隔油池", "interceptor"),
    "IfcJunctionBox": ("接线盒", "junction box"),
    "IfcKerb": ("路缘石", "kerb"),
    "IfcLamp": ("灯", "lamp"),
    "IfcLightFixture": ("灯具", "light fixture"),
    "IfcLiquidTerminal": ("液体末端", "liquid terminal"),
    "IfcMechanicalFastener": ("紧固件", "mechanical fastener"),
    "IfcMedicalDevice": ("医疗设备", "medical device"),
    "IfcMember": ("杆件", "member"),
    "IfcMobileTelecommunicationsAppliance": ("移动通信设备", "mobile telecom appliance"),
    "IfcMooringDevice": ("系泊设备", "mooring device"),
    "IfcMotorConnection": ("电机接线", "motor connection"),
    "IfcNavigationElement": ("导航设施", "navigation element"),
    "IfcOpeningElement": ("洞口", "opening"),
    "IfcOutlet": ("插座", "outlet"),
    "IfcPavement": ("路面", "pavement"),
    "IfcPile": ("桩", "pile"),
    "IfcPipeFitting": ("管件", "pipe fitting"),
    "IfcPipeSegment": ("管道", "pipe"),
    "IfcPlate": ("板件", "plate"),
    "IfcProtectiveDevice": ("保护装置", "protective device"),
    "IfcProtectiveDeviceTrippingUnit": ("脱扣器", "tripping unit"),
    "IfcPump": ("水泵", "pump"),
    "IfcRail": ("轨道", "rail"),
    "IfcRailing": ("栏杆", "railing"),
    "IfcRamp": ("坡道", "ramp"),
    "IfcRampFlight": ("坡道段", "ramp flight"),
    "IfcReinforcedSoil": ("加筋土", "reinforced soil"),
    "IfcReinforcingBar": ("钢筋", "reinforcing bar"),
    "IfcReinforcingElement": ("配筋", "reinforcement"),
    "IfcReinforcingMesh": ("钢筋网", "reinforcing mesh"),
    "IfcRoof": ("屋顶", "roof"),
    "IfcSanitaryTerminal": ("卫生器具", "sanitary fixture"),
    "IfcSensor": ("传感器", "sensor"),
    "IfcShadingDevice": ("遮阳", "shading device"),
    "IfcSign": ("标志", "sign"),
    "IfcSignal": ("信号机", "signal"),
    "IfcSlab": ("楼板", "slab"),
    "IfcSolarDevice": ("太阳能设备", "solar device"),
    "IfcSpaceHeater": ("散热器", "space heater"),
    "IfcStackTerminal": ("通气帽", "stack terminal"),
    "IfcStair": ("楼梯", "stair"),
    "IfcStairFlight": ("梯段", "stair flight"),
    "IfcSurfaceFeature": ("表面特征", "surface feature"),
    "IfcSwitchingDevice": ("开关", "switch"),
    "IfcSystemFurnitureElement": ("系统家具", "system furniture"),
    "IfcTank": ("水箱", "tank"),
    "IfcTendon": ("预应力筋", "tendon"),
    "IfcTendonAnchor": ("锚具", "tendon anchor"),
    "IfcTendonConduit": ("预应力管道", "tendon conduit"),
    "IfcTrackElement": ("轨道构件", "track element"),
    "IfcTransformer": ("变压器", "transformer"),
    "IfcTransportElement": ("电梯或运输设备", "transport element"),
    "IfcTransportationDevice": ("运输设备", "transportation device"),
    "IfcTubeBundle": ("管束", "tube bundle"),
    "IfcUnitaryControlElement": ("控制单元", "unitary control"),
    "IfcUnitaryEquipment": ("空调机组", "air handling unit"),
    "IfcValve": ("阀门", "valve"),
    "IfcVehicle": ("车辆", "vehicle"),
    "IfcVibrationDamper": ("减振器", "vibration damper"),
    "IfcVibrationIsolator": ("隔振器", "vibration isolator"),
    "IfcWall": ("墙", "wall"),
    "IfcWasteTerminal": ("排水末端", "waste terminal"),
    "IfcWindow": ("窗", "window"),
}

#: Classes whose label says less than nearly any name.
VAGUE = frozenset(
    {
        "IfcBuildingElementPart",
        "IfcBuildingElementProxy",
        "IfcDistributionControlElement",
        "IfcDistributionElement",
        "IfcDistributionFlowElement",
        "IfcElementAssembly",
        "IfcEnergyConversionDevice",
        "IfcFlowController",
        "IfcFlowFitting",
        "IfcFlowMovingDevice",
        "IfcFlowSegment",
        "IfcFlowStorageDevice",
        "IfcFlowTerminal",
        "IfcFlowTreatmentDevice",
        "IfcFurnishingElement",
        "IfcMember",
    }
)

_CASES = re.compile(r"(StandardCase|ElementedCase)$")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def label(ifc_class: str, language: str = "zh-CN") -> str:
    """What people call `ifc_class`; an unknown class is spelled out word by word."""
    base = _CASES.sub("", ifc_class)
    known = CLASS_LABELS.get(base)
    if known is not None:
        return known[0] if language.startswith("zh") else known[1]
    words = _HUMP.sub(" ", base.removeprefix("Ifc"))
    return words if language.startswith("zh") else words.lower()


def plural(word: str) -> str:
    """Several of what an English label names.

    >>> plural("wall"), plural("switch"), plural("air terminal box"), plural("furniture")
    ('walls', 'switches', 'air terminal boxes', 'pieces of furniture')
    """
    if word.endswith(("furniture", "equipment", "reinforcement", "earthworks", "storage")):
        return f"pieces of {word}"
    if word.endswith(("s", "sh", "ch", "x")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def metres(value: float) -> str:
    """A length as people on site say it: millimetres below a metre, else metres.

    >>> metres(0.1204), metres(2.5)
    ('120 mm', '2.50 m')
    """
    if value < 0.0005:
        return "0 mm"
    return f"{value * 1000:.0f} mm" if value < 0.9995 else f"{value:.2f} m"


def litres(value: float) -> str:
    """A volume in litres below a cubic metre, else in cubic metres."""
    if value < 1e-4:
        return f"{value * 1e6:.0f} cm³"
    return f"{value * 1000:.3g} L" if value < 1.0 else f"{value:.2f} m³"
