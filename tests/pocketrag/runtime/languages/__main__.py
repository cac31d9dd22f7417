from tests.pocketrag.runtime import languages

for language in languages.SETS:
    print(language, "questions {}, hit@1 {}, nothing found {}".format(*languages.measure(language)))  # noqa: T201
