package dev.taximeter.contract.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was metered of one unknown key, and what became of it. Key: {@link #recordKey}.
 *
 * <p>{@code received} is history and never shrinks: it is what {@code usage.events.v1} has under
 * the holder. Of it, {@code claimed} went on to an account and {@code held} waits for a claim; the
 * rest can no longer be claimed and stays unattributed for ever.
 *
 * @param holder under which its usage is numbered: {@link Holders#ofKey}
 * @param fingerprint 64 hex digits; null for all lines without a key, and for what is beyond the
 *     bounds of a part of metering
 * @param lastFour the raw key's last four characters; null if unknown
 * @param firstSeen earliest completion; null before the first usage
 * @param lastSeen latest completion; null before the first usage
 * @param received all usage that arrived here
 * @param claimed usage that was forwarded to the account that claims it
 * @param held usage that a claim would forward
 * @param models what was received by model, at most {@value #MOST_MODELS}, and {@value
 *     #OTHER_MODELS} for the rest: models are the client's word
 * @param claim null while nobody claims it
 */
public record UnattributedKey(
    String holder,
    @Nullable String fingerprint,
    @Nullable String lastFour,
    @Nullable Instant firstSeen,
    @Nullable Instant lastSeen,
    Amount received,
    Amount claimed,
    Amount held,
    List<ModelAmount> models,
    @Nullable Claim claim) {
  /** Models that have a line of their own. */
  public static final int MOST_MODELS = 50;

  /** Stands for all models beyond {@link #MOST_MODELS}. */
  public static final String OTHER_MODELS = "*";

  public UnattributedKey {
    models = List.copyOf(models);
  }

  /** Requests and their tokens. */
  public record Amount(long requests, TokenCounts tokens) {
    public static final Amount NONE = new Amount(0, TokenCounts.ZERO);

    public Amount plus(TokenCounts request) {
      return new Amount(requests + 1, tokens.plus(request));
    }

    public Amount minus(Amount other) {
      return new Amount(requests - other.requests, tokens.minus(other.tokens));
    }

    /** The same, but no part of it below 0. */
    public Amount minusAtMost(Amount other) {
      TokenCounts less = other.tokens;
      return new Amount(
          Math.max(0, requests - other.requests),
          new TokenCounts(
              Math.max(0, tokens.input() - less.input()),
              Math.max(0, tokens.cachedInput() - less.cachedInput()),
              Math.max(0, tokens.cacheWrite() - less.cacheWrite()),
              Math.max(0, tokens.output() - less.output()),
              Math.max(0, tokens.reasoning() - less.reasoning())));
    }

    public Amount minus(TokenCounts request) {
      return new Amount(requests - 1, tokens.minus(request));
    }
  }

  /** What was received of one model. */
  public record ModelAmount(String model, Amount received) {}

  /**
   * A standing order: usage of the key goes on to an account.
   *
   * @param keyName the key's name in the catalogue
   * @param from usage that completed earlier stays here; null if all of it goes
   * @param forwarding whether usage that was held before the claim is still being forwarded
   * @param commandId the command that asked for it
   * @param author who asked
   * @param reason why; may be empty
   * @param at when it took effect
   */
  public record Claim(
      String account,
      String keyName,
      @Nullable Instant from,
      boolean forwarding,
      String commandId,
      String author,
      String reason,
      Instant at) {
    /** Whether usage that completed then goes on to the account. */
    public boolean covers(Instant completion) {
      return from == null || !completion.isBefore(from);
    }

    public Claim withForwarding(boolean still) {
      return new Claim(account, keyName, from, still, commandId, author, reason, at);
    }
  }

  /** A key of which nothing has arrived. */
  public static UnattributedKey empty(@Nullable String fingerprint) {
    return new UnattributedKey(
        Holders.ofKey(fingerprint),
        fingerprint,
        null,
        null,
        null,
        Amount.NONE,
        Amount.NONE,
        Amount.NONE,
        List.of(),
        null);
  }

  /**
   * What is counted together because there is no room to tell it apart.
   *
   * @param holder {@link Holders#ofOverflow}
   */
  public static UnattributedKey overflow(String holder) {
    return new UnattributedKey(
        holder, null, null, null, null, Amount.NONE, Amount.NONE, Amount.NONE, List.of(), null);
  }

  public static String recordKey(@Nullable String fingerprint) {
    return fingerprint == null ? Holders.NO_KEY : fingerprint;
  }

  /** The fingerprint, or what stands for it. */
  public String recordKey() {
    return fingerprint == null ? holder.substring(Holders.UNATTRIBUTED.length()) : fingerprint;
  }

  /**
   * What can no longer be claimed: it came when too much was held, or was held for too long. Never
   * below 0: a line that is claimed after the way it is counted was corrected may count more than
   * when it was received.
   */
  public Amount lapsed() {
    return received.minusAtMost(claimed).minusAtMost(held);
  }

  /** With one more request, of which is not yet said whether it is held or claimed. */
  public UnattributedKey afterUsage(Usage usage) {
    Instant completion = usage.completion();
    return new UnattributedKey(
        holder,
        fingerprint,
        fingerprint == null || usage.keyLastFour() == null ? lastFour : usage.keyLastFour(),
        firstSeen == null || completion.isBefore(firstSeen) ? completion : firstSeen,
        lastSeen == null || completion.isAfter(lastSeen) ? completion : lastSeen,
        received.plus(usage.tokens()),
        claimed,
        held,
        modelsAfter(usage),
        claim);
  }

  private List<ModelAmount> modelsAfter(Usage usage) {
    List<ModelAmount> after = new ArrayList<>(models);
    int place = placeOf(usage.model());
    if (place < 0 && models.size() < MOST_MODELS) {
      after.add(new ModelAmount(usage.model(), Amount.NONE.plus(usage.tokens())));
      return after;
    }
    int other = place >= 0 ? place : placeOf(OTHER_MODELS);
    if (other < 0) {
      after.add(new ModelAmount(OTHER_MODELS, Amount.NONE.plus(usage.tokens())));
    } else {
      ModelAmount before = models.get(other);
      after.set(other, new ModelAmount(before.model(), before.received().plus(usage.tokens())));
    }
    return after;
  }

  private int placeOf(String model) {
    for (int i = 0; i < models.size(); i++) {
      if (models.get(i).model().equals(model)) {
        return i;
      }
    }
    return -1;
  }

  public UnattributedKey withClaimed(Amount amount) {
    return new UnattributedKey(
        holder, fingerprint, lastFour, firstSeen, lastSeen, received, amount, held, models, claim);
  }

  public UnattributedKey withHeld(Amount amount) {
    return new UnattributedKey(
        holder,
        fingerprint,
        lastFour,
        firstSeen,
        lastSeen,
        received,
        claimed,
        amount,
        models,
        claim);
  }

  public UnattributedKey withClaim(Claim standing) {
    return new UnattributedKey(
        holder,
        fingerprint,
        lastFour,
        firstSeen,
        lastSeen,
        received,
        claimed,
        held,
        models,
        standing);
  }
}
