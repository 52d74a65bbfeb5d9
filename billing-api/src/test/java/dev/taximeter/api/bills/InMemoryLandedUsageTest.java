package dev.taximeter.api.bills;

import dev.taximeter.contract.event.UsageEvent;

class InMemoryLandedUsageTest extends LandedUsageContract {
  private final InMemoryLandedUsage store = new InMemoryLandedUsage();

  @Override
  protected void land(UsageEvent event) {
    store.events.add(event);
  }

  @Override
  protected LandedUsage store() {
    return store;
  }
}
