package dev.taximeter.api.usage;

import java.util.List;

class InMemoryUsageHistoryTest extends UsageHistoryContract {
  @Override
  protected UsageHistory holding(List<LandedEvent> events) {
    InMemoryUsageHistory history = new InMemoryUsageHistory();
    events.forEach(history::add);
    return history;
  }
}
