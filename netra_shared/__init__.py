"""What the two services truly share: settings, errors, logging, telemetry, tokens, stores."""
