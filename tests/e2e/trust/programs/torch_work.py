# needs: module:torch
# python: -W ignore
import torch
torch.manual_seed(1)
a = torch.rand(200, 200)
print(float((a @ a).sum()), float(torch.nn.Linear(200, 3)(a).sum()))
loader = torch.utils.data.DataLoader(list(range(20)), num_workers=2)
print([int(x) for x in loader])
