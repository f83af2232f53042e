package io.landloom.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.landloom.jobs.report.ReportContents.Box;
import io.landloom.jobs.report.ReportContents.ClassLikeness;
import io.landloom.jobs.report.ReportContents.ClassShares;
import io.landloom.jobs.report.ReportContents.Drawn;
import io.landloom.jobs.report.ReportContents.DropCount;
import io.landloom.jobs.report.ReportContents.Fact;
import io.landloom.jobs.report.ReportContents.FootprintMap;
import io.landloom.jobs.report.ReportContents.GalleryRow;
import io.landloom.jobs.report.ReportContents.GateCount;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class ReportPageTest {
  private static final String HOSTILE =
      "\"><script src='https://evil.example/x.js'>alert(1)</script>&amp;<!--]]>\u0000\u202E\uD800";

  @Test
  void everyImageIsInThePage() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    List<Integer> colours = new ArrayList<>();
    for (Element image : elements(page, "img")) {
      String source = image.getAttribute("src");
      assertTrue(source.startsWith("data:image/png;base64,"), source);
      byte[] png = Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1));
      BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
      colours.add(picture.getRGB(0, 0) & 0xFFFFFF);
      assertEquals("5", image.getAttribute("width"));
      assertEquals("3", image.getAttribute("height"));
    }
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7), colours);
  }

  @Test
  void imagesAreDescribedInWords() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    assertEquals(
        List.of(
            "Real of lake/12",
            "Mask of lake/12",
            "Synthetic of lake/12",
            "Real of second",
            "Mask of second",
            "Synthetic, first of second",
            "Synthetic, second of second"),
        elements(page, "img").stream().map(image -> image.getAttribute("alt")).toList());
  }

  @Test
  void everyNumberIsInTheText() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    assertEquals(
        List.of(
            "12.3 %",
            "45.6 %",
            "28.9 %",
            "< 0.1 %",
            "0.0 %",
            "0.1 %",
            "n/a",
            "n/a",
            "n/a",
            "1,234,567",
            "8",
            "1,234,575",
            "71",
            "8",
            "0.500 to 212",
            "2.00"),
        elements(page, "td").stream()
            .filter(cell -> cell.getAttribute("class").equals("number"))
            .map(Element::getTextContent)
            .toList());
    String text = page.getDocumentElement().getTextContent();
    for (String said : List.of("run id", "20260101-ab12", "unknown share", "river", "pond")) {
      assertTrue(text.contains(said), said);
    }
  }

  @Test
  void barsAreAsLongAsTheSharesSay() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    assertEquals(
        List.of("26.97", "100.00", "63.38", "0.07", "0.00", "0.22"),
        elements(page, "rect").stream()
            .filter(bar -> bar.getAttribute("height").equals("4"))
            .map(bar -> bar.getAttribute("width"))
            .toList());
  }

  @Test
  void hostileNamesStayText() throws Exception {
    ReportContents contents =
        new ReportContents(
            HOSTILE,
            List.of(new Fact(HOSTILE, HOSTILE)),
            List.of(
                new GalleryRow(
                    HOSTILE,
                    HOSTILE,
                    picture(1),
                    picture(2),
                    List.of(new Drawn(picture(3), HOSTILE)))),
            List.of(
                new ClassShares(
                    HOSTILE,
                    0xFF0000,
                    OptionalDouble.of(1),
                    OptionalDouble.of(0),
                    OptionalDouble.of(0.5))),
            List.of(
                new ClassLikeness(HOSTILE, List.of(1.0, -0.004)),
                new ClassLikeness(HOSTILE, List.of(-0.004, 1.0))),
            List.of(new DropCount(HOSTILE, 1)),
            List.of(new GateCount(HOSTILE, HOSTILE, 1, 0, 0, 0, HOSTILE)),
            new FootprintMap(List.of(new Box(0, 0, 1, 1, HOSTILE)), true, 1));
    String html = ReportPage.render(contents);
    assertFalse(html.contains("<script"), html);
    assertFalse(html.contains("-0.00"), html);
    Document page = parse(html);
    assertEquals(0, elements(page, "script").size());
    String shown = HOSTILE.replace('\u0000', '\uFFFD').replace('\uD800', '\uFFFD');
    assertEquals(shown, elements(page, "title").get(0).getTextContent());
    assertEquals(shown, elements(page, "h1").get(0).getTextContent());
    assertEquals("Real of " + shown, elements(page, "img").get(0).getAttribute("alt"));
    assertEquals(
        List.of(shown, shown, shown + ", " + shown, shown, shown, shown),
        elements(page, "th").stream()
            .filter(header -> header.getAttribute("scope").equals("row"))
            .map(header -> header.getTextContent().strip())
            .filter(header -> !header.equals("All reasons"))
            .toList());
  }

  @Test
  void nothingIsLoadedFromOutside() throws Exception {
    String html = ReportPage.render(sample("lake/12"));
    assertFalse(html.matches("(?s).*(https?:|url\\(|@import|<link|<script|<iframe).*"));
    assertFalse(html.contains("//"), "an address without a scheme, or a comment");
    assertTrue(html.contains("default-src 'none'"));
  }

  @Test
  void everyTableHasHeaders() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    for (Element header : elements(page, "th")) {
      assertFalse(header.getAttribute("scope").isEmpty(), header.getTextContent());
    }
    for (Element row : elements(page, "tr")) {
      assertTrue(row.getElementsByTagName("th").getLength() > 0, row.getTextContent());
    }
    assertEquals("en", page.getDocumentElement().getAttribute("lang"));
  }

  @Test
  void anEmptyReportSaysSo() throws Exception {
    Document page =
        parse(
            ReportPage.render(
                new ReportContents(
                    "Nothing",
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    FootprintMap.empty())));
    assertEquals(
        List.of(
            "There are no classes to compare.",
            "There are no pairs to show.",
            "Nothing was left out."),
        elements(page, "p").stream().map(Element::getTextContent).toList());
  }

  @Test
  void contentsThatCannotBeAreRefused() {
    assertEquals(
        "picture of 3 bytes that do not begin as a PNG file does",
        assertThrows(IllegalArgumentException.class, () -> Picture.ofPng(new byte[3]))
            .getMessage());
    assertEquals(
        "gallery row 'a' with 0 synthetic images, not 1 or 2",
        assertThrows(
                IllegalArgumentException.class,
                () -> new GalleryRow("a", "", picture(1), picture(1), List.of()))
            .getMessage());
    OptionalDouble none = OptionalDouble.empty();
    assertEquals(
        "class 'a': share 1.5 is outside 0..1",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ClassShares("a", 0, OptionalDouble.of(1.5), none, none))
            .getMessage());
    assertEquals(
        "reason 'a': negative count -1",
        assertThrows(IllegalArgumentException.class, () -> new DropCount("a", -1)).getMessage());
  }

  private static ReportContents sample(String name) {
    return new ReportContents(
        "Run of a day",
        List.of(new Fact("run id", "20260101-ab12")),
        List.of(
            new GalleryRow(
                name, "river", picture(1), picture(2), List.of(new Drawn(picture(3), ""))),
            new GalleryRow(
                "second",
                "",
                picture(4),
                picture(5),
                List.of(new Drawn(picture(6), ""), new Drawn(picture(7), "drawn 3 times")))),
        List.of(
            shares("river", 0.123, 0.456, 0.289),
            shares("pond", 0.0003, 0, 0.001),
            new ClassShares(
                "unknown",
                0,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty())),
        List.of(
            new ClassLikeness("river", List.of(1.0, 0.625, -0.25)),
            new ClassLikeness("pond", List.of(0.625, 1.0, 0.7071)),
            new ClassLikeness("road", List.of(-0.25, 0.7071, 1.0))),
        List.of(new DropCount("unknown share", 1_234_567), new DropCount("gate", 8)),
        List.of(new GateCount("technical", "range", 71, 8, 0.5, 212, "2.00")),
        new FootprintMap(
            List.of(new Box(10, 60, 10.5, 60.25, "train"), new Box(10.5, 60.25, 11, 60.5, "val")),
            true,
            2));
  }

  @Test
  void tellsBeforeAndAfterInASentence() throws Exception {
    assertTrue(
        parse(ReportPage.render(sample("first")))
            .getDocumentElement()
            .getTextContent()
            .contains(
                "With the pairs, pond goes from < 0.1 % to 0.1 %, the rarest class of the real"
                    + " patches, and river goes from 12.3 % to 28.9 %, the most frequent."));
  }

  @Test
  void saysWhereThePairsLeaveTheBalanceAsItIs() throws Exception {
    ReportContents sample = sample("first");
    String html =
        ReportPage.render(
            new ReportContents(
                sample.title(),
                sample.facts(),
                sample.gallery(),
                List.of(shares("river", 0.2, 0.2, 0.2), shares("pond", 0.1, 0.1008, 0.1004)),
                sample.likeness(),
                sample.drops(),
                sample.gates(),
                sample.map()));
    assertTrue(html.contains("The pairs leave the balance as it is: "), html);
  }

  @Test
  void saysForWhichClassAndHowOftenAnImageWasDrawn() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    assertEquals(
        List.of("river: lake/12", "second"),
        elements(page, "h3").stream().map(Element::getTextContent).toList());
    assertEquals(
        List.of(
            "Real",
            "Mask",
            "Synthetic",
            "Real",
            "Mask",
            "Synthetic, first",
            "Synthetic, second (drawn 3 times)"),
        elements(page, "figcaption").stream().map(Element::getTextContent).toList());
  }

  /** At 60.25 degrees a degree of longitude is 0.4962 of one of latitude; by hand: 1000 / 0.5. */
  @Test
  void theMapHasEveryBoxInItsPlace() throws Exception {
    Document page = parse(ReportPage.render(sample("lake/12")));
    assertEquals(
        List.of("train 0.0 500.0 496.2 500.0", "val 496.2 0.0 496.2 500.0"),
        elements(page, "rect").stream()
            .filter(
                box ->
                    box.getParentNode() instanceof Element map
                        && map.getAttribute("class").equals("map"))
            .map(
                box ->
                    String.join(
                        " ",
                        box.getAttribute("class"),
                        box.getAttribute("x"),
                        box.getAttribute("y"),
                        box.getAttribute("width"),
                        box.getAttribute("height")))
            .toList());
    assertTrue(
        page.getDocumentElement()
            .getTextContent()
            .contains("2 scenes have no CRS, and so no place."));
  }

  @Test
  void countsAndBoundsThatCannotBeAreRefused() {
    assertEquals(
        "gate 'g': 3 of 2 draws rejected",
        assertThrows(IllegalArgumentException.class, () -> new GateCount("g", "m", 2, 3, 0, 0, ""))
            .getMessage());
    assertEquals(
        "bounds 0.0, 0.0, 181.0, 1.0 are not on Earth",
        assertThrows(IllegalArgumentException.class, () -> new Box(0, 0, 181, 1, "")).getMessage());
  }

  @Test
  void comparesClassesWithEachOther() throws Exception {
    String html = ReportPage.render(sample("first"));
    assertTrue(html.contains("Nearest to each other are pond and road (0.71)."), html);
    Document page = parse(html);
    List<String> cells =
        elements(page, "td").stream()
            .filter(cell -> cell.getAttribute("style").contains("rgba"))
            .map(cell -> cell.getAttribute("style") + " " + cell.getTextContent())
            .toList();
    assertEquals(9, cells.size());
    assertEquals("background: rgba(127, 176, 222, 0.63) 0.63", cells.get(1));
    assertEquals("background: rgba(238, 178, 127, 0.25) -0.25", cells.get(2));
  }

  private static ClassShares shares(String name, double real, double synthetic, double mixed) {
    return new ClassShares(
        name,
        0x0096C8,
        OptionalDouble.of(real),
        OptionalDouble.of(synthetic),
        OptionalDouble.of(mixed));
  }

  private static Picture picture(int rgb) {
    BufferedImage image = new BufferedImage(5, 3, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, rgb);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Picture.ofPng(png.toByteArray());
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }
}
