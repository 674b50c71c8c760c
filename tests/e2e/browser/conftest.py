from playwright.async_api import expect

from test_framework.fixtures.browser import ACTION_MILLISECONDS

# What is expected to appear may take as long as what is done; Playwright's own 5 s are too few
# for two cores that run everything else as well.
expect.set_options(timeout=ACTION_MILLISECONDS)
