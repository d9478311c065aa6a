package dev.starling.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A network between a node and Redis that can fall silent: nothing is refused and nothing is reset, as behind a firewall that
 * drops. What was sent meanwhile arrives when it heals, also from connections that the sender has given up.
 */
public final class BlackHole implements AutoCloseable {

    private final ServerSocket server;
    private final int port;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition healed = lock.newCondition();
    private boolean requestsHeld;
    private boolean answersHeld;

    /** @param port where Redis listens */
    public BlackHole(int port) {
        this.port = port;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /** The properties by which a node finds Redis behind it. */
    List<String> properties() {
        return List.of("spring.data.redis.host=" + RedisServer.HOST, "spring.data.redis.port=" + server.getLocalPort());
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Nothing passes any more, in either direction. */
    public void open() {
        hold(true, true);
    }

    /** Requests pass, and their answers do not. */
    public void swallowAnswers() {
        hold(false, true);
    }

    /** All passes again, what was held first. */
    public void heal() {
        hold(false, false);
    }

    private void hold(boolean requests, boolean answers) {
        lock.lock();
        try {
            requestsHeld = requests;
            answersHeld = answers;
            healed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() throws IOException {
        while (true) {
            Socket near = server.accept();
            Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
            sockets.add(near);
            sockets.add(far);
            start(() -> pass(near, far, true));
            start(() -> pass(far, near, false));
        }
    }

    private void pass(Socket from, Socket to, boolean requests) throws IOException {
        byte[] buffer = new byte[65_536];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        int read = in.read(buffer);
        while (read >= 0) {
            awaitHealed(requests);
            out.write(buffer, 0, read);
            read = in.read(buffer);
        }
        awaitHealed(requests);
        to.shutdownOutput();
    }

    private void awaitHealed(boolean requests) {
        lock.lock();
        try {
            while (requests ? requestsHeld : answersHeld) {
                healed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What may fail because the other side is gone. */
    private interface Piece {
        void run() throws IOException;
    }

    private void start(Piece piece) {
        Thread thread = new Thread(() -> {
            try {
                piece.run();
            } catch (IOException gone) {
                // the one that asked, or the test, has ended
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        heal();
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
