"""What verbs print of what a Maquette has answered."""

from maquette.cli.signed_in import show_table


def test_a_table_stands_in_columns_also_with_chinese_names(capsys):
    columns = {"name": lambda row: row[0], "state": lambda row: row[1]}
    show_table([("花卉", "running"), ("cats-2", "stopped")], columns, as_json=False)
    assert capsys.readouterr().out.splitlines() == ["NAME    STATE", "花卉    running", "cats-2  stopped"]
