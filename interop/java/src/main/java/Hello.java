import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.logging.Logger;

/** An application without a line of OpenTelemetry: what the Java agent is for. */
public final class Hello {
  private Hello() {}

  public static void main(String[] args) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(System.getenv("HELLO_URL"))).build();
    HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    Logger.getLogger("hello").warning("hello from Java");
  }
}
