/** Proves what a server delivered from what was sent and received. May import {@code protocol}, no other package of the tool. */
@NullMarked
package dev.starling.loadtest.check;

import org.jspecify.annotations.NullMarked;
