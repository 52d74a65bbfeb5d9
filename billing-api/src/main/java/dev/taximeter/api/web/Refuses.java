package dev.taximeter.api.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Problems that an operation answers with beside those that its shape already tells: every one that
 * reads parameters can refuse them, every one with a body can find it wrong, and so on. The OpenAPI
 * document names them all, and tests refuse answers that it does not name.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Refuses {
  ProblemType[] value();
}
