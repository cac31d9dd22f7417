// developer.android.com/reference/java/nio/file/CopyOption (API 26).
package java.nio.file;

public interface CopyOption {}
