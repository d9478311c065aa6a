/** Memory and processor time of the server and of the tool. Imports no other package. */
@NullMarked
package dev.starling.loadtest.probe;

import org.jspecify.annotations.NullMarked;
