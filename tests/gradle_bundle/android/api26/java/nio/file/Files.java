// developer.android.com/reference/java/nio/file/Files (API 26), as much as the runtime uses.
package java.nio.file;

import java.io.IOException;
import java.nio.file.attribute.FileAttribute;

public final class Files {
    private Files() {}

    public static native Path createDirectories(Path dir, FileAttribute<?>... attrs) throws IOException;

    public static native boolean deleteIfExists(Path path) throws IOException;

    public static native Path move(Path source, Path target, CopyOption... options) throws IOException;
}
