package dev.taximeter.api.bills.document;

import com.openhtmltopdf.extend.FSSupplier;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.outputdevice.helper.ExternalResourceControlPriority;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder.PdfAConformance;
import com.openhtmltopdf.util.XRLog;
import dev.taximeter.api.web.ProblemException;
import dev.taximeter.api.web.ProblemType;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes a PDF of a page, with the glyphs that it uses embedded, so that Chinese looks the same
 * everywhere. The page can name nothing outside itself: neither files nor addresses are read.
 */
final class BillPdf {
  private static final String FAMILY = "Noto Sans SC";
  private static final int REGULAR = 400;
  private static final int BOLD = 700;
  private static final String FONTS = "/fonts/ttf/NotoSansSC/";

  private static final String REGULAR_FILE = "NotoSansSC-Regular.ttf";
  private static final byte[] COLOURS = ICC_Profile.getInstance(ColorSpace.CS_sRGB).getData();

  /** Fonts of 20 MB are open while a PDF is made, so one is made after the other. */
  private static final Semaphore ONE_AT_A_TIME = new Semaphore(1, true);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

  private static @Nullable GlyphText glyphText;

  static {
    // It would tell on standard error what style sheets for browsers have that it has not.
    XRLog.setLoggingEnabled(false);
  }

  private BillPdf() {}

  /**
   * @param page well-formed XHTML
   * @throws ProblemException if others are waiting for theirs for too long
   */
  static byte[] of(String page) {
    boolean mayBegin = false;
    try {
      mayBegin = ONE_AT_A_TIME.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (!mayBegin) {
        throw busy();
      }
      return write(page);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    } finally {
      if (mayBegin) {
        ONE_AT_A_TIME.release();
      }
    }
  }

  private static ProblemException busy() {
    return ProblemException.passing(
        ProblemType.TOO_BUSY,
        "Other PDFs are being made; ?format=html is there at once.",
        RETRY_AFTER,
        null);
  }

  private static byte[] write(String page) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PdfRendererBuilder builder = new PdfRendererBuilder();
    builder.useFastMode();
    // To be kept for years: every font is embedded, all text can be searched, colours are defined.
    builder.usePdfAConformance(PdfAConformance.PDFA_2_U);
    builder.useColorProfile(COLOURS);
    builder.useFont(font(REGULAR_FILE), FAMILY, REGULAR, FontStyle.NORMAL, true);
    builder.useFont(font("NotoSansSC-Bold.ttf"), FAMILY, BOLD, FontStyle.NORMAL, true);
    builder.useExternalResourceAccessControl(
        (uri, type) -> false, ExternalResourceControlPriority.RUN_BEFORE_RESOLVING_URI);
    builder.useExternalResourceAccessControl(
        (uri, type) -> false, ExternalResourceControlPriority.RUN_AFTER_RESOLVING_URI);
    builder.withProducer("Taximeter");
    builder.withHtmlContent(page, null);
    builder.toStream(out);
    try {
      builder.run();
      return glyphText().corrected(out.toByteArray(), page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Made once: the two weights have the same characters. Called by one thread at a time. */
  private static GlyphText glyphText() throws IOException {
    GlyphText made = glyphText;
    if (made == null) {
      try (InputStream font = font(REGULAR_FILE).supply()) {
        made = new GlyphText(font);
      }
      glyphText = made;
    }
    return made;
  }

  private static FSSupplier<InputStream> font(String file) {
    return () -> {
      InputStream font = BillPdf.class.getResourceAsStream(FONTS + file);
      if (font == null) {
        throw new IllegalStateException("the program lacks its font " + file);
      }
      return font;
    };
  }
}
