package dev.starling.api;

/**
 * Something that a node can be asked.
 *
 * @param name what it is called between nodes; one that a node of an older version does not know, it can't answer
 * @param question what is asked, as JSON between nodes
 * @param answer what is answered, likewise
 */
record Topic<Q, A>(String name, Class<Q> question, Class<A> answer) {}
