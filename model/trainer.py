"""The Trainer with the masked loss, a time box that the learning rate knows of, and a progress call."""

import time
from collections.abc import Callable
from typing import Any, cast

import torch
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from model.epochs import Watch
from model.losses import distillation, masked_loss


class MaskedTrainer(Trainer):
    """Trains on targets of which any may be missing, and towards a teacher where rows have one."""

    def __init__(
        self,
        *,
        pos_weight: torch.Tensor,
        max_seconds: float | None = None,
        head_rate: float = 1.0,
        distil: float = 1.0,
        temperature: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pos_weight = pos_weight
        self.max_seconds = max_seconds
        self.head_rate = head_rate
        self.distil, self.temperature = distil, temperature
        self.watch: Watch | None = None
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The masked loss of a batch, and what its teacher would have it be."""
        output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        logits = output.logits.float()
        loss = masked_loss(logits, inputs["labels"], self.pos_weight.to(logits.device), inputs["weights"])
        if self.distil and "teacher" in inputs:
            loss = loss + self.distil * distillation(logits, inputs["teacher"], self.temperature)
        if self.watch is not None:
            self.watch.saw(loss)
        return (loss, output) if return_outputs else loss

    def create_optimizer(self, model: Any = None) -> Any:
        """AdamW with a rate of their own for pooler and classifier."""
        if self.optimizer is None:
            network = cast(torch.nn.Module, model or self.model)
            named = [(name, own) for name, own in network.named_parameters() if own.requires_grad]
            heads = [own for name, own in named if "pooler" in name or "classifier" in name]
            body = [own for name, own in named if "pooler" not in name and "classifier" not in name]
            rate = self.args.learning_rate
            self.optimizer = AdamW(
                [{"params": body, "lr": rate}, {"params": heads, "lr": rate * self.head_rate}],
                lr=rate,
                weight_decay=self.args.weight_decay,
                fused=True,
            )
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Linear warm-up and fall by steps, or by the clock where the time box will end first."""
        if self.max_seconds is None:
            return super().create_scheduler(num_training_steps, optimizer)
        warmup = max(1, self.args.get_warmup_steps(num_training_steps))
        fall = Fall(num_training_steps, warmup, self.max_seconds)
        self.lr_scheduler = LambdaLR(cast(Optimizer, optimizer or self.optimizer), fall)
        return self.lr_scheduler


class Fall:
    """Learning-rate factor: up over `warmup` steps, down to zero at `steps` or after `seconds`."""

    def __init__(self, steps: int, warmup: int, seconds: float) -> None:
        self.steps, self.warmup, self.seconds = steps, warmup, seconds
        self.started = time.monotonic()

    def __call__(self, step: int) -> float:
        spent = max(step / self.steps, (time.monotonic() - self.started) / self.seconds)
        return max(0.0, min(step / self.warmup, 1.0 - spent))


class TimeBox(TrainerCallback):
    """Ends training at the first step after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.started = time.monotonic()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.started = time.monotonic()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        if time.monotonic() - self.started >= self.seconds:
            control.should_training_stop = True


class ProgressCallback(TrainerCallback):
    """Tells the caller the step and the number of steps."""

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self.progress = progress

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        self.progress(state.global_step, state.max_steps)
