package dev.taximeter.contract.catalog.file;

import dev.taximeter.contract.catalog.AccountDetails;
import dev.taximeter.contract.catalog.PlanChange;
import dev.taximeter.contract.yaml.Fields;
import dev.taximeter.contract.yaml.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads what an account need not say. What the file leaves out stays as it is. */
final class DetailsReader {
  static final String[] FIELDS = {
    "planChanges", "costBook", "status", "contacts", "tags", "billingStart", "closing"
  };

  private static final int MOST_CONTACTS = 20;
  private static final int MOST_TAGS = 50;

  private DetailsReader() {}

  /**
   * @param before what the account has said so far
   * @param mean told of every reference that the details make
   */
  static AccountDetails read(
      Fields account, AccountDetails before, BiConsumer<Value, References.Kind> mean) {
    Value changes = account.optional("planChanges");
    Value costBook = account.optional("costBook");
    Value status = account.optional("status");
    Value contacts = account.optional("contacts");
    Value tags = account.optional("tags");
    Value start = account.optional("billingStart");
    Value closing = account.optional("closing");
    return new AccountDetails(
        changes == null ? before.planChanges() : planChanges(changes, mean),
        costBook == null ? before.costBook() : reference(costBook, References.Kind.COST_BOOK, mean),
        status == null ? before.status() : status(status),
        contacts == null ? before.contacts() : contacts(contacts),
        tags == null ? before.tags() : tags(tags),
        start == null ? before.billingStart() : start.instant(),
        closing == null ? before.closing() : closing.instant());
  }

  private static List<PlanChange> planChanges(
      Value value, BiConsumer<Value, References.Kind> mean) {
    List<PlanChange> changes = new ArrayList<>();
    Instant reached = Instant.MIN;
    for (Value element : value.elements()) {
      Fields fields = element.fields("a plan change", "from", "plan");
      Value fromValue = fields == null ? null : fields.required("from");
      Instant from = fromValue == null ? null : fromValue.instant();
      Value planValue = fields == null ? null : fields.required("plan");
      String plan = planValue == null ? null : reference(planValue, References.Kind.PLAN, mean);
      if (fromValue == null || from == null || plan == null) {
        continue;
      }
      if (!from.isAfter(reached)) {
        fromValue.problem("must be after the change before, " + reached);
      }
      reached = from;
      changes.add(new PlanChange(from, plan));
    }
    return changes;
  }

  private static @Nullable String reference(
      Value value, References.Kind kind, BiConsumer<Value, References.Kind> mean) {
    String id = value.scalar();
    if (id != null) {
      mean.accept(value, kind);
    }
    return id;
  }

  private static AccountDetails.Status status(Value value) {
    List<AccountDetails.Status> all = List.of(AccountDetails.Status.values());
    AccountDetails.Status status =
        value.oneOf(all, all.stream().map(AccountDetails.Status::code).toList());
    return status == null ? AccountDetails.Status.ACTIVE : status;
  }

  private static List<String> contacts(Value value) {
    List<Value> elements = value.elements();
    if (elements.size() > MOST_CONTACTS) {
      value.problem("must be a list of at most %d contacts".formatted(MOST_CONTACTS));
    }
    List<String> contacts = new ArrayList<>();
    for (Value element : elements) {
      String contact = element.text(Value.LONGEST_TEXT);
      if (contact != null) {
        contacts.add(contact);
      }
    }
    return contacts;
  }

  private static Map<String, String> tags(Value value) {
    Map<String, String> tags = new TreeMap<>();
    if (!(value.node() instanceof MappingNode mapping) || mapping.getValue().size() > MOST_TAGS) {
      value.problem("must be at most %d names with a text each".formatted(MOST_TAGS));
      return tags;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      Value name = new Value(value.problems(), tuple.getKeyNode(), value.path() + " name");
      String tag = name.text(Value.LONGEST_ID);
      if (tag == null || !(tuple.getKeyNode() instanceof ScalarNode)) {
        continue;
      }
      String text =
          new Value(value.problems(), tuple.getValueNode(), value.path() + "." + tag)
              .text(Value.LONGEST_TEXT);
      if (text != null && tags.put(tag, text) != null) {
        name.problem("is given twice");
      }
    }
    return tags;
  }
}
