package dev.taximeter.contract.gateway;

import java.util.List;

/**
 * An access-log template that the file defines.
 *
 * @param id unique, and none of the built-in ones
 * @param text as the gateway has it, on one line
 * @param payer fields that name the payer's key, in order: the first that has a value decides
 */
public record TemplateRule(String id, String text, List<String> payer) {
  public TemplateRule {
    payer = List.copyOf(payer);
  }
}
