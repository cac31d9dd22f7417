import pytest


def test_a_group_stays_in_one_process(request):
    # xdist writes the group behind the node's id and reads it there; without it groups fall apart, and nobody is told.
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("not run with `--dist loadgroup`")
    assert request.node.nodeid.endswith("@tests/test_costs.py")
