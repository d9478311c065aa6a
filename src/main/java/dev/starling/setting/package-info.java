/**
 * What several rooms are configured by: the rules for channels, and the check of a property's range. May import
 * {@code protocol}.
 */
@NullMarked
package dev.starling.setting;

import org.jspecify.annotations.NullMarked;
