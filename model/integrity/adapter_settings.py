"""Whether an `adapter_config.json` is one that our own training wrote: PEFT would act on much that it can say."""

import re
from typing import Any

from model.integrity.fields import is_number, is_whole

MOST_RANK = 1024
LONGEST_PATTERN = 2000
PATTERNS = (
    r".*encoder\.(?!layer\.#\.attention\.self\.query)layer\.(#)\..*(query#value#dense)",
    r".*encoder\.(?!layer\.#\.attention\.self\.query).*(query#value#dense)",  # before layers could be frozen
)
WHOLE = ("pooler", "classifier", "layer.{last}.attention.self.query")
ADDED_BY_PEFT = "score"

# What our training leaves; any other key must say nothing.
WORDS: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "task_type": ("SEQ_CLS",),
    "bias": ("none",),
    "inference_mode": (True, False),
    "init_lora_weights": (True,),
    "megatron_core": ("megatron.core",),
    "alpha_pattern": ({},),
    "rank_pattern": ({},),
    "loftq_config": ({},),
    "lora_dropout": (0.0,),
    "qalora_group_size": (16,),
}
NEEDED = {"peft_type", "task_type", "r", "lora_alpha", "target_modules", "modules_to_save"}
STAMPS = ("base_model_name_or_path", "peft_version", "revision")
READ_BY_RULE = {"r", "lora_alpha", "target_modules", "modules_to_save", *STAMPS}


def is_ours(adapter: dict[str, Any], layers: int) -> bool:
    """Whether these are LoRA settings as we write them, for an encoder of so many layers."""
    if not adapter.keys() >= NEEDED:
        return False
    plain = all(_says_little(name, value) for name, value in adapter.items() if name not in READ_BY_RULE)
    rank, alpha = adapter["r"], adapter["lora_alpha"]
    sized = is_whole(rank) and 0 < rank <= MOST_RANK and is_number(alpha) and alpha > 0
    stamped = all(isinstance(adapter.get(name), str | None) for name in STAMPS)
    return (
        plain
        and stamped
        and sized
        and _is_pattern(adapter["target_modules"])
        and _is_whole_part(adapter, layers - 1)
    )


def _says_little(name: str, value: Any) -> bool:
    if name in WORDS:
        return value in WORDS[name]
    return value is None or value is False


def _is_pattern(pattern: Any) -> bool:
    """One of our own patterns with layers' numbers in it: a stranger's could take for ever to match."""
    short = isinstance(pattern, str) and len(pattern) <= LONGEST_PATTERN
    return short and re.sub(r"[0-9|]+", "#", pattern) in PATTERNS


def _is_whole_part(adapter: dict[str, Any], last: int) -> bool:
    saved = adapter["modules_to_save"]
    wanted = {name.format(last=last) for name in WHOLE}
    named = isinstance(saved, list) and all(isinstance(name, str) for name in saved)
    return named and wanted <= set(saved) <= {*wanted, ADDED_BY_PEFT}
