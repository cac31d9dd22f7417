// developer.android.com/reference/android/os/Bundle
package android.os

public class Bundle
