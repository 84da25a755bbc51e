"""The classes that an element of IFC2X3, IFC4 and IFC4X3 can have, supertypes included."""

from difflib import get_close_matches

#: Without the "Ifc" that all begin with.
_NAMES = """
    Actuator AirTerminal AirTerminalBox AirToAirHeatRecovery Alarm Alignment AlignmentCant
    AlignmentHorizontal AlignmentSegment AlignmentVertical Annotation AudioVisualAppliance Beam
    BeamStandardCase Bearing Boiler Borehole Bridge BridgePart Building BuildingElement
    BuildingElementComponent BuildingElementPart BuildingElementProxy BuildingStorey
    BuiltElement Burner CableCarrierFitting CableCarrierSegment CableFitting CableSegment
    CaissonFoundation ChamferEdgeFeature Chiller Chimney CivilElement Coil Column
    ColumnStandardCase CommunicationsAppliance Compressor Condenser Controller ConveyorSegment
    CooledBeam CoolingTower Course Covering CurtainWall Damper DeepFoundation DiscreteAccessory
    DistributionBoard DistributionChamberElement DistributionControlElement DistributionElement
    DistributionFlowElement DistributionPort Door DoorStandardCase DuctFitting DuctSegment
    DuctSilencer EarthworksCut EarthworksElement EarthworksFill EdgeFeature ElectricAppliance
    ElectricDistributionBoard ElectricDistributionPoint ElectricFlowStorageDevice
    ElectricFlowTreatmentDevice ElectricGenerator ElectricMotor ElectricTimeControl
    ElectricalElement Element ElementAssembly ElementComponent EnergyConversionDevice Engine
    EquipmentElement EvaporativeCooler Evaporator ExternalSpatialElement
    ExternalSpatialStructureElement Facility FacilityPart FacilityPartCommon Fan Fastener
    FeatureElement FeatureElementAddition FeatureElementSubtraction Filter
    FireSuppressionTerminal FlowController FlowFitting FlowInstrument FlowMeter FlowMovingDevice
    FlowSegment FlowStorageDevice FlowTerminal FlowTreatmentDevice Footing FurnishingElement
    Furniture GeographicElement Geomodel Geoslice GeotechnicalAssembly GeotechnicalElement
    GeotechnicalStratum Grid HeatExchanger Humidifier ImpactProtectionDevice Interceptor
    JunctionBox Kerb Lamp LightFixture LinearElement LinearPositioningElement LiquidTerminal
    MarineFacility MarinePart MechanicalFastener MedicalDevice Member MemberStandardCase
    MobileTelecommunicationsAppliance MooringDevice MotorConnection NavigationElement Object
    ObjectDefinition OpeningElement OpeningStandardCase Outlet Pavement Pile PipeFitting
    PipeSegment Plate PlateStandardCase Port PositioningElement Product ProjectionElement
    ProtectiveDevice ProtectiveDeviceTrippingUnit Proxy Pump Rail Railing Railway RailwayPart
    Ramp RampFlight Referent ReinforcedSoil ReinforcingBar ReinforcingElement ReinforcingMesh
    Road RoadPart Roof Root RoundedEdgeFeature SanitaryTerminal Sensor ShadingDevice Sign Signal
    Site Slab SlabElementedCase SlabStandardCase SolarDevice Space SpaceHeater SpatialElement
    SpatialStructureElement SpatialZone StackTerminal Stair StairFlight StructuralAction
    StructuralActivity StructuralConnection StructuralCurveAction StructuralCurveConnection
    StructuralCurveMember StructuralCurveMemberVarying StructuralCurveReaction StructuralItem
    StructuralLinearAction StructuralLinearActionVarying StructuralMember StructuralPlanarAction
    StructuralPlanarActionVarying StructuralPointAction StructuralPointConnection
    StructuralPointReaction StructuralReaction StructuralSurfaceAction
    StructuralSurfaceConnection StructuralSurfaceMember StructuralSurfaceMemberVarying
    StructuralSurfaceReaction SurfaceFeature SwitchingDevice SystemFurnitureElement Tank Tendon
    TendonAnchor TendonConduit TrackElement Transformer TransportElement TransportationDevice
    TubeBundle UnitaryControlElement UnitaryEquipment Valve Vehicle VibrationDamper
    VibrationIsolator VirtualElement VoidingFeature Wall WallElementedCase WallStandardCase
    WasteTerminal Window WindowStandardCase
"""
CLASSES = frozenset(f"Ifc{name}" for name in _NAMES.split())
_KNOWN = {name.lower(): name for name in CLASSES}


def is_class(word: str) -> bool:
    """Whether `word` is a class, in any case; a word with wildcards always is."""
    return bool(set(word) & set("*?")) or word.lower() in _KNOWN


def nearest_class(word: str) -> str:
    """The class that `word` is most likely meant to be; empty when it is like none.

    >>> nearest_class("IfcPipeSegmnt")
    'IfcPipeSegment'
    """
    found = get_close_matches(word.lower(), sorted(_KNOWN), n=1, cutoff=0.75)
    return _KNOWN[found[0]] if found else ""
