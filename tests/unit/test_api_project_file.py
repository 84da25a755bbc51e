"""Project files: what a person decided, or a message that names the key."""

import pytest

from api.project_file import LayerSetting, Placement, ProjectFileError, read_project_file


def _file(tmp_path, text):
    path = tmp_path / "project.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_project_file_is_read(tmp_path):
    path = _file(
        tmp_path,
        """
        [project]
        name = "两江智慧园区 B3"
        crs = "EPSG:4545+5737"
        [models."MEP"]
        placement = { crs = "EPSG:4545", eastings = 1.5, northings = 2, rotation_deg = 30 }
        [models."site"]
        placement = { like = "MEP" }
        [models."arch"]
        confirm_repair = true
        [[layers]]
        file = "red_line.gpkg"
        role = "red_line"
        [rules]
        file = "rules.toml"
        """,
    )

    settings = read_project_file(path)

    assert settings.name == "两江智慧园区 B3"
    assert settings.crs == "EPSG:4545+5737"
    assert settings.placements == {
        "MEP": Placement(crs="EPSG:4545", eastings=1.5, northings=2.0, rotation_deg=30.0),
        "site": Placement(like="MEP"),
    }
    assert settings.confirmed_repairs == {"arch"}
    assert settings.layers == (LayerSetting(file="red_line.gpkg", role="red_line"),)
    assert settings.rules == tmp_path / "rules.toml"


def test_what_is_stated_about_a_layer_is_read(tmp_path):
    path = _file(
        tmp_path,
        """
        [[layers]]
        file = "管线.xlsx"
        role = "utility"
        vertical_datum = "吴淞"
        datum_offset_m = -1.87
        accuracy_m = 0.1
        date = 2025-03-31
        depth_ref = "invert"
        """,
    )

    (layer,) = read_project_file(path).layers

    assert layer == LayerSetting(
        file="管线.xlsx",
        role="utility",
        vertical_datum="吴淞",
        datum_offset=-1.87,
        accuracy=0.1,
        date="2025-03-31",
        depth_ref="invert",
    )
    assert layer.facts == {
        "vertical_datum": "吴淞",
        "datum_offset_m": -1.87,
        "accuracy_m": 0.1,
        "date": "2025-03-31",
        "depth_ref": "invert",
    }


def test_a_rule_file_may_be_named_in_one_line(tmp_path):
    path = _file(tmp_path, 'rules = "matrix.xlsx"\n[project]\nname = "B3"\n')

    assert read_project_file(path).rules == tmp_path / "matrix.xlsx"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules = 5", "rules must be a table"),
        ("[rules]\nfiles = 'a.toml'", "files"),
        ("[project", "project.toml"),
        ("[projekt]", "projekt"),
        ("[project]\ncsr = 'EPSG:4549'", "csr"),
        ("[project]\ncrs = 4549", "crs must be text"),
        ("[models.a]\nplacement = { eastings = 1 }", "placement needs crs"),
        ("[models.a]\nplacement = { crs='EPSG:4549', eastings='x', northings=2 }", "eastings"),
        ("[models.a]\nplacement = { crs='EPSG:4549', eastings=nan, northings=2 }", "eastings"),
        (
            "[models.a]\nplacement = { crs='EPSG:4549', eastings=1, northings=2, scale=0 }",
            "scale",
        ),
        ("layers = 'a.gpkg'", "array of tables"),
        ("[parameters]\n'flood.levl_m' = 3", "did you mean flood.level_m"),
        ("[parameters]\nflood.level_m = 'high'", "flood.level_m must be a number"),
        ("parameters = 3", "parameters must be a table"),
        ("[[layers]]\nrole = 'red_line'", "needs a file"),
        ("[[layers]]\nfile = 'a.gpkg'\nrole = 'pipes'", "role must be one of"),
        ("[[layers]]\nfile = 'a.gpkg'\naccuracy_m = -1", "accuracy_m must be above 0"),
        ("[[layers]]\nfile = 'a.gpkg'\ndatum_offset_m = true", "datum_offset_m must be a number"),
        ("[[layers]]\nfile = 'a.gpkg'\ndate = 'spring'", "date must be a day"),
        ("[[layers]]\nfile = 'a.gpkg'\ndepth_ref = 'axis'", "depth_ref must be one of"),
    ],
    ids=str,
)
def test_a_wrong_project_file_names_the_key(tmp_path, text, said):
    with pytest.raises(ProjectFileError, match=said):
        read_project_file(_file(tmp_path, text))


def test_control_points_and_a_confirmed_diagnosis_are_read(tmp_path):
    (tmp_path / "points.csv").write_text("number,x,y,E,N\nK1,0,0,1,2\nK2,9,0,10,2\n")
    path = _file(
        tmp_path,
        """
        [project]
        vertical_datum = "1985国家高程基准"
        [models."A".control_points]
        crs = "EPSG:4545"
        points = "points.csv"
        [models."B".control_points]
        crs = "EPSG:4545"
        points = [["K1", 0, 0, 0, 1, 2, 268.5], ["K2", 9, 0, 0, 10, 2, 268.5]]
        residual_mm = 30
        [models."C"]
        confirm_repair = "repairable:scale-missing"
        """,
    )

    settings = read_project_file(path)

    assert settings.vertical_datum == "1985国家高程基准"
    assert settings.confirmed_repairs == {"C=repairable:scale-missing"}
    assert [p.target for p in settings.control["A"].points] == [(1.0, 2.0), (10.0, 2.0)]
    assert [p.height for p in settings.control["B"].points] == [268.5, 268.5]
    assert (settings.control["A"].limit, settings.control["B"].limit) == (0.02, 0.03)


def test_a_model_has_a_placement_or_control_points_not_both(tmp_path):
    path = _file(
        tmp_path,
        """
        [models."A"]
        placement = { crs = "EPSG:4545", eastings = 1, northings = 2 }
        control_points = { crs = "EPSG:4545", points = [] }
        """,
    )

    with pytest.raises(ProjectFileError, match="both placement and control_points"):
        read_project_file(path)


def test_parameters_may_be_written_with_or_without_quotes(tmp_path):
    path = _file(
        tmp_path,
        """
        [project]
        jurisdiction = "杭州"
        [parameters]
        "gb50289.water-sewer.small.horizontal_m" = 1.2
        flood.level_m = 7
        railway.area = "city"
        """,
    )

    settings = read_project_file(path)

    assert settings.jurisdiction == "杭州"
    assert settings.parameters == {
        "gb50289.water-sewer.small.horizontal_m": 1.2,
        "flood.level_m": 7.0,
        "railway.area": "city",
    }


def test_a_grid_has_the_projects_own_name_everywhere(tmp_path):
    path = _file(
        tmp_path,
        """
        [project]
        crs = "山城坐标系"
        [grids]
        "山城坐标系" = "tmerc:lon_0=106.5,x_0=500000"
        [models."A"]
        placement = { crs = "山城坐标系", eastings = 1, northings = 2 }
        [models."B".control_points]
        crs = "山城坐标系"
        points = []
        [[layers]]
        file = "a.gpkg"
        crs = "山城坐标系"
        [[layers]]
        file = "b.gpkg"
        """,
    )

    settings = read_project_file(path)

    grid = "tmerc:lon_0=106.5,x_0=500000"
    assert settings.crs == settings.placements["A"].crs == settings.control["B"].crs == grid
    assert [entry.crs for entry in settings.layers] == [grid, None]
    assert settings.grids == {"山城坐标系": grid}


def test_a_grid_is_a_text(tmp_path):
    with pytest.raises(ProjectFileError, match=r'grids."x" must be a CRS'):
        read_project_file(_file(tmp_path, "[grids]\nx = 5\n"))


def test_what_the_rehearsal_is_told_is_read(tmp_path):
    path = tmp_path / "project.toml"
    path.write_text(
        'dictionary = "words.toml"\n'
        "[rehearsal]\nR04.lost_share = 0.4\n"
        '[[equipment]]\nkind = "tower_crane"\nradius_m = 50.0\n'
        '[[links]]\npattern = "{storey} 柱"\nkinds = ["column"]\n',
        encoding="utf-8",
    )

    settings = read_project_file(path)

    assert settings.dictionary == tmp_path / "words.toml"
    assert settings.rehearsal == {"R04.lost_share": 0.4}
    assert settings.equipment == ({"kind": "tower_crane", "radius_m": 50.0},)
    assert settings.links == ({"pattern": "{storey} 柱", "kinds": ["column"]},)


@pytest.mark.parametrize(
    "text", ["links = 3", "equipment = ['crane']", "rehearsal = 1", "dictionary = 2"]
)
def test_what_the_rehearsal_is_told_is_refused_where_it_has_another_form(tmp_path, text):
    path = tmp_path / "project.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ProjectFileError, match=text.split(" = ")[0]):
        read_project_file(path)
