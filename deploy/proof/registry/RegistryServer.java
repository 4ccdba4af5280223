import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;

/** A real Eureka server, run as it is by `java -cp JARS RegistryServer.java`. */
@EnableAutoConfiguration
@EnableEurekaServer
public class RegistryServer {
  public static void main(String[] arguments) {
    SpringApplication.run(RegistryServer.class, arguments);
  }
}
