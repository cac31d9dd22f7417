package dev.pocketrag.java;

import android.content.Context;
import android.content.pm.ApplicationInfo;
import android.content.res.AssetManager;
import dev.pocketrag.delivery.PackDownload;
import dev.pocketrag.delivery.PackState;
import dev.pocketrag.runtime.Accelerator;
import dev.pocketrag.runtime.Answer;
import dev.pocketrag.runtime.BundleSource;
import dev.pocketrag.runtime.Digests;
import dev.pocketrag.runtime.FolderSource;
import dev.pocketrag.runtime.Hit;
import dev.pocketrag.runtime.InstallState;
import dev.pocketrag.runtime.MissingBundleException;
import dev.pocketrag.runtime.Mode;
import dev.pocketrag.runtime.Rag;
import dev.pocketrag.runtime.RagClosedException;
import dev.pocketrag.runtime.RagException;
import dev.pocketrag.runtime.RagHolder;
import dev.pocketrag.runtime.RagOptions;
import dev.pocketrag.runtime.Role;
import dev.pocketrag.runtime.SelfTestResult;
import java.io.File;
import java.util.List;
import java.util.Map;

/** What an app in Java writes; its argument is a folder without a bundle. */
public final class UseRag {
    private UseRag() {}

    public static void main(String[] arguments) {
        Context context = new App(new File(arguments[0]));
        RagOptions options =
                new RagOptions.Builder().threads(4).digests(Digests.ALWAYS).start(Role.MAIN).accelerator(Accelerator.CPU).build();
        System.out.println("threads " + options.getThreads());
        BundleSource source = new FolderSource(new File(arguments[0]));
        try (Rag rag = Rag.openBlocking(context, "demo", options, source)) {
            use(rag);
        } catch (MissingBundleException error) {
            System.out.println("missing");
        }
        try (Rag rag = Rag.openBlocking(context, List.of(source))) {
            use(rag);
        } catch (RagException error) {
            System.out.println("missing");
        }
        hold(context, source);
        if (arguments.length > 1) {
            System.out.println(fetch(new PackDownload(context, "rag_demo", "demo")));
        }
        try {
            Rag.installBlocking(context, "demo", source, UseRag::tell);
        } catch (RagException error) {
            System.out.println("missing");
        }
    }

    private static void hold(Context context, BundleSource source) {
        RagHolder closed = new RagHolder(context, "demo", new RagOptions(), source);
        closed.close();
        try {
            closed.searchBlocking("Who may stop the clocks?");
        } catch (RagClosedException error) {
            System.out.println("closed");
        }
        try (RagHolder holder = new RagHolder(context, List.of(source))) {
            SelfTestResult result = holder.withRagBlocking(Rag::selfTestBlocking);
            System.out.println(result.getPassed());
        } catch (RagException error) {
            System.out.println("missing");
        }
    }

    private static void tell(InstallState state) {
        if (state == InstallState.Checking.INSTANCE) {
            System.out.println("checking");
        } else if (state instanceof InstallState.Copying copying) {
            System.out.println(copying.getCopiedBytes() + " of " + copying.getTotalBytes());
        }
    }

    private static long fetch(PackDownload download) {
        download.statesBlocking(
                state -> {
                    if (state instanceof PackState.Downloading some) {
                        System.out.println(some.getDownloadedBytes() + " of " + some.getTotalBytes());
                    }
                });
        return download.sourceBlocking() == null ? download.sizeBlocking() : 0;
    }

    private static void use(Rag rag) {
        Answer answer = rag.searchBlocking("Who may stop the clocks?");
        Answer filtered = rag.searchBlocking("clocks", 5, Mode.BM25, Map.of("source", List.of("rules")));
        for (Hit hit : answer.getHits()) {
            System.out.println(hit.getPassage().getText());
        }
        System.out.println(rag.contextBlocking(filtered, 500).size() + rag.embedBlocking("clocks").length);
    }

    /** A context as Android gives it. */
    private static final class App extends Context {
        private final File folder;

        App(File folder) {
            this.folder = folder;
        }

        @Override
        public Context getApplicationContext() {
            return this;
        }

        @Override
        public AssetManager getAssets() {
            throw new UnsupportedOperationException();
        }

        @Override
        public ApplicationInfo getApplicationInfo() {
            throw new UnsupportedOperationException();
        }

        @Override
        public File getCacheDir() {
            return folder;
        }

        @Override
        public File getNoBackupFilesDir() {
            return folder;
        }

        @Override
        public void registerComponentCallbacks(android.content.ComponentCallbacks callback) {}

        @Override
        public void unregisterComponentCallbacks(android.content.ComponentCallbacks callback) {}
    }
}
