package dev.starling.api;

import java.util.List;

/**
 * What all nodes said.
 *
 * @param items one of each node that answered
 * @param missing those that did not
 */
record FleetAnswer<A>(List<A> items, List<MissingNode> missing) {}
