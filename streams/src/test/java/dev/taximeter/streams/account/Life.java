package dev.taximeter.streams.account;

import dev.taximeter.contract.catalog.AccountTerms;
import dev.taximeter.contract.event.AccountInput;
import java.sql.SQLException;
import java.util.Random;

/** An account that lives through an eventful history, looked at now and then. */
final class Life {
  final MoneyMachine machine = new MoneyMachine();

  /** The newest. */
  AccountTerms terms = new RandomHistory(0).terms();

  /** Looks at what was published. */
  interface Look {
    void look() throws SQLException;
  }

  void live(long seed, Look look) throws SQLException {
    Random random = new Random(seed);
    for (AccountInput input : new RandomHistory(seed).eventful()) {
      if (input instanceof AccountInput.TermsInput changed) {
        terms = changed.terms();
      }
      machine.process(input);
      if (random.nextInt(4) == 0) {
        look(look);
      }
      if (random.nextInt(5) == 0) {
        machine.sweep();
      }
      if (random.nextInt(30) == 0) {
        machine.crash();
      }
    }
  }

  void look(Look look) throws SQLException {
    machine.emit();
    machine.collect();
    if (!machine.summary.isNull()) {
      look.look();
    }
  }
}
