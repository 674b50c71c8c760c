"""What is common to the HTTP routes: who calls, how much may be sent, what is documented."""
