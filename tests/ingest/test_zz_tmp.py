from tests.ingest.test_histories import home, play  # noqa
def test_1600(home):
    play(home, 1600)
