package dev.taximeter.api.lines;

import java.util.List;

class InMemoryLineHistoryTest extends LineHistoryContract {
  @Override
  protected LineHistory holding(List<LandedLine> lines) {
    InMemoryLineHistory history = new InMemoryLineHistory();
    lines.forEach(history::add);
    return history;
  }
}
