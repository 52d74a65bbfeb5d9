package dev.taximeter.api.kafka;

import dev.taximeter.api.status.ViewPositions;
import dev.taximeter.contract.topic.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.context.SmartLifecycle;

/** All views that live as long as this process. */
public final class LiveViews implements ViewPositions, SmartLifecycle {
  private final KafkaClients clients;
  private final LiveAccountStates states;
  private final LiveCatalog catalog;
  private final LiveMeteringProgress metering;
  private final LiveLineCounts counts;
  private final LiveUnattributedKeys unattributed;
  private final LiveSuspense suspense;
  private final LiveSources sources;
  private final LiveBills bills;
  private final LiveTokenUses tokenUses;
  private final LiveDeliveries deliveries;
  private final LiveIncidents incidents;
  private final LiveMarks marks;
  private final LiveGateStates gates;
  private final KafkaCommandGateway commands;
  private volatile List<TopicView> views = List.of();

  public LiveViews(
      KafkaClients clients,
      LiveAccountStates states,
      LiveCatalog catalog,
      LiveMeteringProgress metering,
      LiveLineCounts counts,
      LiveUnattributedKeys unattributed,
      LiveSuspense suspense,
      LiveSources sources,
      LiveBills bills,
      LiveTokenUses tokenUses,
      LiveDeliveries deliveries,
      LiveIncidents incidents,
      LiveMarks marks,
      LiveGateStates gates,
      KafkaCommandGateway commands) {
    this.clients = clients;
    this.states = states;
    this.catalog = catalog;
    this.metering = metering;
    this.counts = counts;
    this.unattributed = unattributed;
    this.suspense = suspense;
    this.sources = sources;
    this.bills = bills;
    this.tokenUses = tokenUses;
    this.deliveries = deliveries;
    this.incidents = incidents;
    this.marks = marks;
    this.gates = gates;
    this.commands = commands;
  }

  @Override
  public void start() {
    TopicView lineCounts = view(Topics.LINE_ACCOUNTING, TopicView.Start.BEGINNING, counts);
    TopicView results = view(Topics.COMMAND_RESULTS, TopicView.Start.END, commands);
    counts.feed(() -> lineCounts.caughtUp() && lineCounts.connected());
    commands.feed(results::connected);
    List<TopicView> all = new ArrayList<>();
    all.add(view(Topics.CATALOG, TopicView.Start.BEGINNING, catalog));
    all.add(view(Topics.ACCOUNT_STATES, TopicView.Start.BEGINNING, states));
    all.add(view(Topics.METERING_STATUS, TopicView.Start.BEGINNING, metering));
    all.add(view(Topics.UNATTRIBUTED_KEYS, TopicView.Start.BEGINNING, unattributed));
    all.add(view(Topics.SOURCES, TopicView.Start.BEGINNING, sources));
    all.add(view(Topics.BILLS, TopicView.Start.BEGINNING, bills));
    all.add(view(Topics.SUSPENSE_ITEMS, TopicView.Start.BEGINNING, suspense));
    all.add(view(Topics.GATE_STATES, TopicView.Start.BEGINNING, gates));
    all.add(view(Topics.TOKEN_USES, TopicView.Start.BEGINNING, tokenUses));
    all.add(view(Topics.DELIVERIES, TopicView.Start.BEGINNING, deliveries));
    all.add(view(Topics.INCIDENTS, TopicView.Start.BEGINNING, incidents));
    all.add(view(Topics.ALERT_MARKS, TopicView.Start.BEGINNING, marks));
    all.add(lineCounts);
    all.add(results);
    all.forEach(TopicView::start);
    views = List.copyOf(all);
  }

  private TopicView view(Topics topic, TopicView.Start start, TopicView.Sink sink) {
    return new TopicView(topic, start, clients.consumers(topic), sink);
  }

  @Override
  public void stop() {
    views.forEach(TopicView::close);
    views.forEach(TopicView::awaitEnd);
    views = List.of();
  }

  @Override
  public boolean isRunning() {
    return !views.isEmpty();
  }

  /** Before the web server begins to answer, and until after it has ended. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public Map<String, Map<Integer, Long>> positions() {
    Map<String, Map<Integer, Long>> positions = new TreeMap<>();
    views.forEach(view -> positions.put(view.topic().topicName(), view.positions()));
    return positions;
  }

  @Override
  public Map<String, String> waiting() {
    Map<String, String> waiting = new TreeMap<>();
    for (TopicView view : views) {
      if (!view.caughtUp()) {
        waiting.put(
            view.topic().topicName(),
            view.connected() ? "still reading what is there" : "Kafka does not give it");
      }
    }
    return waiting;
  }
}
