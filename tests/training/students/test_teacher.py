"""The teacher's texts are read as they were written."""

import numpy as np
from pocketrag.training.students import teacher
from pocketrag.training.students.texts import Text

from pocketrag.formats.layout import TAUGHT, TAUGHT_TEXTS


def test_texts_with_other_line_ends_are_read(tmp_path):
    """JSON leaves what Unicode calls a line separator as it is."""
    texts = [Text("question", "what\u2028moves"), Text("sentence", "a\x85b\u2029c"), Text("word", "king")]
    (tmp_path / TAUGHT_TEXTS).write_text("".join(map(teacher._line, texts)), "utf-8")
    np.save(tmp_path / TAUGHT, np.eye(3, dtype=np.float32))
    found, vectors = teacher.read_taught(tmp_path)
    assert found == texts and len(vectors) == 3
