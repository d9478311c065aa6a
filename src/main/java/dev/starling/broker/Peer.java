package dev.starling.broker;

/** placeholder */
public record Peer(String name, long since) {}
