// developer.android.com/reference/java/nio/file/Path (API 26).
package java.nio.file;

public interface Path {}
