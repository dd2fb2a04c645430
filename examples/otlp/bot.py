# A bot in Python that sends to botel:
#   pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
#   OTEL_SERVICE_NAME=my-bot python bot.py
# Nothing more is to be set where botel runs on this machine: the exporters send to port 4318, which is botel's.
import json
import logging

from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

spans = TracerProvider()
spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(spans)
tracer = trace.get_tracer("my-bot")

lines = LoggerProvider()
lines.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
set_logger_provider(lines)
logging.basicConfig(level=logging.INFO, handlers=[LoggingHandler(logger_provider=lines)])
log = logging.getLogger("my-bot")


def turn(user_id, user_name, group_id, text):
    """One message, and all that it causes: one trace. User and group are said once, here."""
    attributes = {
        "bot.operation.name": "message",
        "bot.platform": "telegram",
        "bot.id": "7001",
        "user.id": user_id,
        "user.name": user_name,
        "bot.group.id": group_id,  # left out in a private chat
    }
    with tracer.start_as_current_span("message telegram", kind=SpanKind.CONSUMER, attributes=attributes) as span:
        weather = tool("weather", {"city": "Kraków"}, lambda: {"degrees": 21})
        chat(f"{text} {weather}")
        span.set_attribute("bot.response.count", 1)  # replies that were sent


def chat(prompt):
    """One call to a model. Where an instrumentation of your provider's SDK makes this span, leave it out."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "bot.channel.id": "openai-main",  # your name of the way to the provider; left out: the provider
    }
    # An exception that leaves the block marks the span as failed.
    with tracer.start_as_current_span("chat gpt-4o", kind=SpanKind.CLIENT, attributes=attributes) as span:
        span.set_attribute("gen_ai.usage.input_tokens", len(prompt))
        span.set_attribute("gen_ai.usage.output_tokens", 12)


def tool(name, args, run):
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": name,
        "gen_ai.tool.call.arguments": json.dumps(args),
    }
    with tracer.start_as_current_span(f"execute_tool {name}", attributes=attributes) as span:
        result = run()
        span.set_attribute("gen_ai.tool.call.result", json.dumps(result))
        return result


log.info("started")
turn("u-1", "Ada", "g-1", "What is the weather?")
spans.shutdown()  # what waits is sent
lines.shutdown()
