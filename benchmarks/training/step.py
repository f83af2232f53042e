"""CPU seconds of a CSEBGAN training step in PyTorch: step.py SIZE WARM_UP STEPS BATCH NF NDF WIDTH

The networks are those of synthesis/src/test/python, which the parity test compares with Java's; the step is the same, with
torch.optim.Adam, the moving average, and a batch copied from NumPy. One thread.
"""
import pathlib
import sys
import time

import numpy
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "synthesis/src/test/python"))
import csebgan  # noqa: E402
import fixtures  # noqa: E402

CLASSES, Z, EMBEDDING, HIDDEN = 6, 256, 64, 128


class Trainer:
    def __init__(self, size, batch, nf, ndf, width):
        self.size, self.batch = size, batch
        fixtures.NF, fixtures.NDF, fixtures.WIDTH = nf, ndf, width
        fixtures.EMBEDDING, fixtures.HIDDEN, fixtures.Z = EMBEDDING, HIDDEN, Z
        fixtures.CLASSES, fixtures.SIZE, fixtures.BATCH = CLASSES, size, batch
        self.nets = {"generator": fixtures.generator_parameters(), "discriminator": fixtures.discriminator_parameters(),
                     "conductor": fixtures.conductor_parameters()}
        for p in self.nets.values():
            fixtures.trainable(p)
        self.adams = {net: fixtures.adam(self.nets[net], rate)
                      for net, rate in (("generator", 2e-4), ("discriminator", 4e-4), ("conductor", 4e-4))}
        self.average = {name: t.detach().clone() for name, t in fixtures.trained(self.nets["generator"]).items()}

    def inputs(self):
        samples = numpy.random.randint(0, 256, (self.batch, self.size, self.size, 3), dtype=numpy.uint8)
        real = torch.from_numpy(samples).permute(0, 3, 1, 2).contiguous().float().div_(127.5).sub_(1)
        squares = torch.randint(0, CLASSES, (self.batch, self.size // 16, self.size // 16))
        mask = squares.repeat_interleave(16, 1).repeat_interleave(16, 2)
        noise = [torch.randn(self.batch, CLASSES, EMBEDDING) for _ in range(2)]
        return real, mask, torch.randn(self.batch, Z), *noise

    def judge(self, real, fake, one_hot):
        # fakes and reals in one call, as public code does it
        return fixtures.halves(csebgan.discriminator(
            self.nets["discriminator"], torch.cat([real, fake]), torch.cat([one_hot, one_hot])))

    def learn_to_judge(self, judging):
        for tensor in self.adams["discriminator"].param_groups[0]["params"]:
            tensor.requires_grad_(judging)

    def step(self):
        real, mask, z, gamma, beta = self.inputs()
        one_hot = F.one_hot(mask, CLASSES).permute(0, 3, 1, 2).float()
        target = torch.where(mask == CLASSES - 1, 255, mask)
        fake = csebgan.generator(self.nets["generator"], z, gamma, beta, mask, training=True)

        hinge = csebgan.discriminator_loss(*self.judge(real, fake.detach(), one_hot))
        self.adams["discriminator"].zero_grad()
        hinge.backward()
        self.adams["discriminator"].step()

        self.learn_to_judge(False)
        adversarial, matching = csebgan.generator_losses(*self.judge(real, fake, one_hot), True)
        on_real = F.cross_entropy(csebgan.conductor(self.nets["conductor"], real), target, ignore_index=255)
        on_fake = F.cross_entropy(csebgan.conductor(self.nets["conductor"], fake), target, ignore_index=255)
        for net in ("generator", "conductor"):
            self.adams[net].zero_grad()
        (adversarial + 10 * matching + on_real + on_fake).backward()
        for net in ("generator", "conductor"):
            self.adams[net].step()
        self.learn_to_judge(True)
        with torch.no_grad():
            for name, tensor in self.average.items():
                tensor.lerp_(self.nets["generator"][name], 0.001)
        return [loss.item() for loss in (hinge, adversarial, matching, on_real, on_fake)]


def main(size, warm_up, steps, batch, nf, ndf, width):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    fixtures.BATCH = batch
    trainer = Trainer(size, batch, nf, ndf, width)
    for _ in range(warm_up):
        trainer.step()
    start = time.process_time()
    for _ in range(steps):
        trainer.step()
    print(f"python {size} {(time.process_time() - start) / steps:.4f} CPU s a step, torch {torch.__version__}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
