package dev.taximeter.streams.catalogue;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.catalog.CatalogRecord;
import dev.taximeter.contract.catalog.CatalogRecord.Resource;
import dev.taximeter.contract.event.AccountInput;
import dev.taximeter.contract.event.Command;
import dev.taximeter.contract.event.CommandResult;
import dev.taximeter.contract.event.Instruction;
import dev.taximeter.contract.event.Order;
import dev.taximeter.streams.topology.parts.Defects;
import dev.taximeter.streams.topology.parts.Outgoing;
import dev.taximeter.streams.topology.parts.Outlets;
import dev.taximeter.streams.topology.parts.OversizedRecordException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides every change of the catalogue, one command after the other. The records of a version, the
 * terms of the accounts concerned and the answer leave in one transaction; terms are therefore in
 * an account's input before any usage that was attributed with the new version.
 */
final class CatalogueWriter implements Processor<String, Command, byte[], byte[]> {
  /** Current records by id. */
  static final String RESOURCES = "catalogue-resources";

  /** Answers to the latest commands, by running number. */
  static final String ANSWERS = "catalogue-answers";

  /** Orders that were passed on with the latest commands, by the same number. */
  static final String INSTRUCTIONS = "catalogue-instructions";

  /** A sender repeats a command within minutes; this is days of hand-made changes. */
  private static final int MOST_ANSWERS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(CatalogueWriter.class);

  private @Nullable Task task;

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    task = new Task(context);
  }

  @Override
  public void process(Record<String, Command> record) {
    if (task == null) {
      throw new IllegalStateException("not initialised");
    }
    if (record.value() != null) {
      task.process(record.value(), record.timestamp());
    }
  }

  /** What exists only between initialisation and close. */
  private static final class Task {
    private final ProcessorContext<byte[], byte[]> context;
    private final KeyValueStore<String, CatalogRecord> resources;
    private final KeyValueStore<String, CommandResult> answers;
    private final KeyValueStore<String, Instruction> instructions;
    private final Map<String, CommandResult> answersByCommand = new HashMap<>();
    private final Map<String, Instruction> instructionsByCommand = new HashMap<>();
    private long oldestAnswer;
    private long nextAnswer;
    private CatalogueBook book;

    Task(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
      this.resources = context.getStateStore(RESOURCES);
      this.answers = context.getStateStore(ANSWERS);
      this.instructions = context.getStateStore(INSTRUCTIONS);
      this.book = load(resources);
      loadAnswers();
    }

    private static CatalogueBook load(KeyValueStore<String, CatalogRecord> resources) {
      Map<String, Resource> loaded = new HashMap<>();
      Map<String, Long> changedIn = new HashMap<>();
      long version = 0;
      try (KeyValueIterator<String, CatalogRecord> entries = resources.all()) {
        while (entries.hasNext()) {
          CatalogRecord current = entries.next().value;
          loaded.put(current.id(), current.resource());
          changedIn.put(current.id(), current.version());
          version = Math.max(version, current.version());
        }
      }
      return new CatalogueBook(version, loaded, changedIn);
    }

    private void loadAnswers() {
      boolean first = true;
      try (KeyValueIterator<String, CommandResult> entries = answers.all()) {
        while (entries.hasNext()) {
          var entry = entries.next();
          long number = Long.parseLong(entry.key);
          oldestAnswer = first ? number : oldestAnswer;
          nextAnswer = number + 1;
          answersByCommand.put(entry.value.id(), entry.value);
          first = false;
        }
      }
      try (KeyValueIterator<String, Instruction> entries = instructions.all()) {
        entries.forEachRemaining(
            entry -> instructionsByCommand.put(entry.value.commandId(), entry.value));
      }
    }

    void process(Command command, long timestamp) {
      CommandResult answered = answersByCommand.get(command.id());
      if (answered != null) {
        repeat(command, answered).forward(context, timestamp);
        return;
      }
      CatalogueDecision decision = decide(command);
      List<Outgoing> records;
      try {
        records = encode(decision);
      } catch (OversizedRecordException tooLarge) {
        decision = CatalogueDecision.refused(command, book, List.of(tooLarge(tooLarge)));
        records = encode(decision);
      }
      records.forEach(outgoing -> outgoing.forward(context, timestamp));
      for (CatalogRecord change : decision.records()) {
        resources.put(change.id(), change);
      }
      book = decision.after();
      remember(decision.result(), decision.instruction());
      // Somebody waits for the answer.
      context.commit();
    }

    /**
     * Commands about money have ids that people choose: one that comes again with something else in
     * it must not look done. Whether it does is for the account's writer to say, which remembers
     * for longer: what is remembered here may itself be a reuse of a command that was forgotten.
     */
    private Outgoing repeat(Command command, CommandResult answered) {
      Instruction passedOn = instructionsByCommand.get(command.id());
      if (passedOn == null
          || !(passedOn.order() instanceof Order.OfAccount order)
          || (isRepeated(command.orders(), order) && passedOn.reason().equals(command.reason()))) {
        return answer(answered, passedOn);
      }
      if (command.orders().size() == 1
          && command.orders().get(0) instanceof Order.OfAccount other
          && other.account().equals(order.account())
          && OrderRouting.problems(command, book).isEmpty()) {
        return OrderRouting.route(
            new Instruction(
                passedOn.commandId(),
                command.author(),
                command.reason(),
                passedOn.at(),
                passedOn.catalogVersion(),
                passedOn.changed(),
                other,
                passedOn.key()));
      }
      CommandResult refusal =
          new CommandResult(
              command.id(),
              false,
              book.version(),
              List.of(),
              List.of("the command %s was already used for something else".formatted(command.id())),
              CommandResult.Refusal.REUSED_KEY,
              null,
              null);
      return Outlets.COMMAND_RESULTS.encode(refusal.id(), refusal);
    }

    private static boolean isRepeated(List<Order> orders, Order passedOn) {
      return orders.size() == 1
          && orders.get(0) instanceof Order.OfAccount order
          && order.repeats(passedOn);
    }

    private static String tooLarge(OversizedRecordException record) {
      return "what an account is priced by would be larger than one record of %s; spread the prices over several books and plans"
          .formatted(record.getMessage());
    }

    /** An order is answered by the one who carries it out, also when it is asked for again. */
    private static Outgoing answer(CommandResult result, @Nullable Instruction instruction) {
      return instruction == null
          ? Outlets.COMMAND_RESULTS.encode(result.id(), result)
          : OrderRouting.route(instruction);
    }

    private CatalogueDecision decide(Command command) {
      try {
        return CatalogueDecision.on(
            command, book, Instant.ofEpochMilli(context.currentSystemTimeMs()));
      } catch (RuntimeException defect) {
        LOG.error("Command {} cannot be decided: {}", command.id(), Defects.describe(defect));
        return CatalogueDecision.refused(
            command, book, List.of("the command is not complete: a value is missing"));
      }
    }

    private static List<Outgoing> encode(CatalogueDecision decision) {
      List<Outgoing> records = new ArrayList<>();
      // Terms first: whoever sees a key must find its account's terms already sent.
      for (AccountTerms terms : decision.terms()) {
        records.add(Outlets.TERMS.encode(terms.account().id(), new AccountInput.TermsInput(terms)));
      }
      for (CatalogRecord change : decision.records()) {
        records.add(Outlets.CATALOGUE.encode(change.recordKey(), change));
      }
      records.add(answer(decision.result(), decision.instruction()));
      return records;
    }

    private void remember(CommandResult result, @Nullable Instruction instruction) {
      answers.put(number(nextAnswer), result);
      answersByCommand.put(result.id(), result);
      if (instruction != null) {
        instructions.put(number(nextAnswer), instruction);
        instructionsByCommand.put(result.id(), instruction);
      }
      nextAnswer++;
      while (nextAnswer - oldestAnswer > MOST_ANSWERS) {
        CommandResult forgotten = answers.delete(number(oldestAnswer));
        if (forgotten != null) {
          answersByCommand.remove(forgotten.id());
        }
        Instruction passedOn = instructions.delete(number(oldestAnswer));
        if (passedOn != null) {
          instructionsByCommand.remove(passedOn.commandId());
        }
        oldestAnswer++;
      }
    }

    /** Ordered as text as they are as numbers. */
    private static String number(long number) {
      return "%019d".formatted(number);
    }
  }
}
