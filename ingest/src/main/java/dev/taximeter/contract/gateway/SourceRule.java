package dev.taximeter.contract.gateway;

import dev.taximeter.contract.event.LineSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the lines of some files look like.
 *
 * @param host exact name, or a glob in which {@code *} stands for any characters
 * @param path likewise; {@code *} also stands for slashes
 * @param template id of a template; null: the default one
 * @param payer fields that name the payer's key instead of the template's own; null: the template's
 * @param dialects how upstreams count here; null: as the file says for all sources
 */
public record SourceRule(
    String host,
    String path,
    LineFormat format,
    @Nullable String template,
    @Nullable List<String> payer,
    @Nullable List<DialectRule> dialects) {
  public SourceRule {
    payer = payer == null ? null : List.copyOf(payer);
    dialects = dialects == null ? null : List.copyOf(dialects);
  }

  public boolean matches(LineSource source) {
    return new Glob(host).matches(source.host()) && new Glob(path).matches(source.path());
  }
}
