"""Code that both services share: settings, errors, logging, telemetry, tokens, stores."""
