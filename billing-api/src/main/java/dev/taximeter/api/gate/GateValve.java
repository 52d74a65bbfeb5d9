package dev.taximeter.api.gate;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * What the server does by itself on the gate's port, done otherwise: it would read a body that
 * nobody wants as slowly as it comes, with a thread waiting for it, and answer with 5xx what is no
 * request.
 */
final class GateValve extends ValveBase {
  private final GateListener listener;

  GateValve(GateListener listener) {
    super(true);
    this.listener = listener;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    boolean ofGate = request.getLocalPort() == listener.port();
    if (ofGate) {
      blameCaller(response);
    }
    getNext().invoke(request, response);
    if (ofGate) {
      blameCaller(response);
      if (hasBody(request)) {
        endConnection(request, response);
      }
    }
  }

  /** The answer goes out, and nobody waits for the body. The server takes that for an error. */
  private static void endConnection(Request request, Response response) {
    int status = response.getStatus();
    response.setHeader("Connection", "close");
    request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    response.setStatus(status);
  }

  private static boolean hasBody(Request request) {
    return request.getContentLengthLong() > 0 || request.getHeader("transfer-encoding") != null;
  }

  /** A gateway takes 5xx for an error of the gate, and might let the request pass. */
  private static void blameCaller(Response response) {
    if (response.getStatus() >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR
        && !response.isCommitted()) {
      response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
    }
  }
}
