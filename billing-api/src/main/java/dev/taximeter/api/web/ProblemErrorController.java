package dev.taximeter.api.web;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** Answers what the servlet container itself refuses. */
@Hidden
@Controller
public final class ProblemErrorController implements ErrorController {
  @RequestMapping("/error")
  void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : ProblemType.UNKNOWN_ROUTE.status();
    ProblemType type =
        status == ProblemType.UNKNOWN_ROUTE.status()
            ? ProblemType.UNKNOWN_ROUTE
            : status < ProblemType.INTERNAL_ERROR.status()
                ? ProblemType.INVALID_REQUEST
                : ProblemType.INTERNAL_ERROR;
    Problems.write(
        response,
        new Problem(
            type.uri(), type.title(), status, "The request cannot be served as it is.", List.of()));
  }
}
