"""The edge's access log: one JSON object a request, without credentials and without the query.

Headers that carry credentials are never logged, only whether they were there. CEL expressions:
https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/observability/access_log/usage
"""

from typing import Any

_AUTHORIZATION = "'authorization' in request.headers ? 'present' : 'absent'"
_PROTOCOL_NAME = "'sec-websocket-protocol'"
_SUBPROTOCOL = (
    f"{_PROTOCOL_NAME} in request.headers ? "
    f"(request.headers[{_PROTOCOL_NAME}].startsWith('jwt-auth') "
    "? 'jwt-auth,<redacted>' : '<redacted>') : ''"
)

ACCESS_LOG: dict[str, Any] = {
    "name": "envoy.access_loggers.stdout",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
        "log_format": {
            "json_format": {
                "time": "%START_TIME%",
                "trace": "%REQ(X-CLOUD-TRACE-CONTEXT):32%",
                "request_id": "%REQ(X-REQUEST-ID):128%",
                "method": "%REQ(:METHOD)%",
                "path": "%PATH(NQ)%",
                "protocol": "%PROTOCOL%",
                "status": "%RESPONSE_CODE%",
                "flags": "%RESPONSE_FLAGS%",
                "details": "%RESPONSE_CODE_DETAILS%",
                "duration_ms": "%DURATION%",
                "bytes_received": "%BYTES_RECEIVED%",
                "bytes_sent": "%BYTES_SENT%",
                "upstream": "%UPSTREAM_CLUSTER%",
                "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
                "user_agent": "%REQ(USER-AGENT):200%",
                "authorization": f"%CEL({_AUTHORIZATION})%",
                "subprotocol": f"%CEL({_SUBPROTOCOL})%",
            }
        },
    },
}
