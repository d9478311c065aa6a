/** The Helm chart: what Helm makes of it, and whether Kubernetes and the server understand that. */
@NullMarked
package dev.starling.helm;

import org.jspecify.annotations.NullMarked;
